// The schema's history: forward-only steps, compiled in, each run in a transaction of its own.
#pragma once

#include <span>

namespace oracode::store {

struct Migration {
    const char* name;  // "0001_initial": the number is the schema version it leads to
    const char* sql;
};

// All steps in ascending order, numbered from 1 without a gap.
[[nodiscard]] std::span<const Migration> migrations();

}  // namespace oracode::store
