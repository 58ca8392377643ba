// ForkServer
