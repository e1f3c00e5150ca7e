// A folder of dated copies of the database: their names, and which of them go when a new one has
// come. What has another name is never touched.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/time.hpp"

namespace oracode::ctl {

// "oracoded-20260305T150000Z.db": in the order of their names copies are in the order of time.
[[nodiscard]] std::string backup_name(Timestamp at);

// The files to remove from the copies `names`, so that `keep` (at least 1) of them are left, the
// newest ones. `newest`, the copy that was just made, is left whatever the clock says. Names of
// another form are not copies: they are not counted and not chosen. Pure.
[[nodiscard]] std::vector<std::string> superseded(std::vector<std::string> names, std::size_t keep,
                                                  const std::string& newest);

// Makes `folder` for its owner alone if it is missing; its parent has to exist. Throws Failure
// (cannot_create) if it is not a folder afterwards.
void require_backup_folder(const std::string& folder);

// Removes what is superseded in `folder`, and unfinished copies of runs that were killed. Regular
// files alone. Throws Failure (cannot_create), naming the first file that could not be removed.
// Returns how many finished copies were removed.
std::size_t remove_superseded(const std::string& folder, std::size_t keep,
                              const std::string& newest);

}  // namespace oracode::ctl
