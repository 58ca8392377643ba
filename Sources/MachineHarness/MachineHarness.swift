// MachineHarness
