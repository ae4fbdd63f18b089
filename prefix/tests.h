// Likewise for tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prefix/common.h"
