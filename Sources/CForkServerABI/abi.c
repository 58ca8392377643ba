#include "fuzzd_abi.h"
