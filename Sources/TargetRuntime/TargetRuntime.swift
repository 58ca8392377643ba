// TargetRuntime
