# Run as a script by embed_files: writes OUTPUT, a C++ file that defines FUNCTION (declared in HEADER) with the
# text of each of FILES in the order of their names.
list(SORT FILES)
set(rows "")
foreach(file IN LISTS FILES)
    get_filename_component(name ${file} NAME)
    file(READ ${file} text)
    string(APPEND rows "    {\"${name}\", R\"__text__(${text})__text__\"},\n")
endforeach()
string(REGEX REPLACE "::[a-z_]+$" "" namespace ${FUNCTION})
string(REGEX REPLACE "^.*::" "" name ${FUNCTION})
file(WRITE ${OUTPUT}
"#include \"${HEADER}\"\n\nnamespace ${namespace} {\n\nnamespace {\nconstexpr EmbeddedFile all[] = {\n${rows}};\n}  // namespace\n
std::span<const EmbeddedFile> ${name}() { return all; }\n\n}  // namespace ${namespace}\n")
