// One function per alternative, for std::visit.
#pragma once

namespace oracode {

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;  // clang 14 needs it

}  // namespace oracode
