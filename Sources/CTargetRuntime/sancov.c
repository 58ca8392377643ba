#include "fuzzd_target.h"
