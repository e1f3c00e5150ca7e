// A file of the source tree that was compiled in as text. A value; the texts live as long as the
// program.
#pragma once

namespace oracode {

struct EmbeddedFile {
    const char* name;  // without folders
    const char* text;
};

}  // namespace oracode
