// One function per alternative, for std::visit.
#pragma once

namespace oracode {

template <class... Cases>
struct Match : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;  // clang 14 needs it

}  // namespace oracode
