// Why the store could not be opened. Thrown to `main` at the start, which maps it to an exit code.
#pragma once

#include <stdexcept>
#include <string>

namespace oracode::store {

class StoreError : public std::runtime_error {
public:
    enum class Kind {
        locked,      // another daemon holds the database
        newer,       // written by a later version of this program
        foreign,     // a SQLite database, but not of this program
        corrupt,     // no SQLite database, or a damaged one
        permission,  // the file or its folder may not be read or written
        io,          // any other refusal of the disk
    };

    StoreError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}

    [[nodiscard]] Kind kind() const { return kind_; }

private:
    Kind kind_;
};

}  // namespace oracode::store
