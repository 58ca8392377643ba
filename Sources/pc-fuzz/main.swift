print("pc-fuzz")
