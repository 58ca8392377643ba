print("fuzzd")
