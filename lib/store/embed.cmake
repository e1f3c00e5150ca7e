# Writes OUTPUT, a C++ file with the text of each migration of FILES in the order of their numbers.
list(SORT FILES)
set(rows "")
foreach(file IN LISTS FILES)
    get_filename_component(name ${file} NAME_WE)
    file(READ ${file} text)
    string(APPEND rows "    {\"${name}\", R\"__sql__(${text})__sql__\"},\n")
endforeach()
file(WRITE ${OUTPUT}
"#include \"store/migrate.hpp\"\n\nnamespace oracode::store {\n\nnamespace {\nconstexpr Migration all[] = {\n${rows}};\n}  // namespace\n
std::span<const Migration> migrations() { return all; }\n\n}  // namespace oracode::store\n")
