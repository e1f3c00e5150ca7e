#include "settings/keys.hpp"

#include <algorithm>
#include <concepts>

#include <fmt/format.h>

#include "settings/wording.hpp"

namespace oracode::settings {
namespace {

using namespace std::chrono_literals;
using values::Shape;

constexpr std::size_t mib = 1U << 20;
constexpr std::chrono::days day{1};

template <class T>
constexpr bool is_list = false;
template <class T>
constexpr bool is_list<std::vector<T>> = true;

template <class Kind>
bool accepts(Shape shape) {
    if constexpr (requires { Kind::also; })
        if (shape == Kind::also) return true;
    return shape == Shape::untyped || shape == Kind::shape;
}

// What keeps `piece` from being of this kind; nullopt once its value went to `use`.
template <class Kind, class Use>
std::optional<Fault> understand(const Kind& kind, const Piece& piece,
                                const std::filesystem::path& base, bool hidden, Use&& use) {
    if (!accepts<Kind>(piece.shape))
        return Fault{piece.line,
                     fmt::format("must be {}; it is written as {}, not as {}", kind.expected(),
                                 values::name(piece.shape), values::name(Kind::shape))};
    const bool printable =
        std::ranges::none_of(piece.text, [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; });
    auto value = printable ? kind.parse(piece.text, base) : std::nullopt;
    if (!value)
        return Fault{piece.line,
                     fmt::format("must be {}{}", kind.expected(),
                                 hidden ? std::string{} : ", not " + in_quotes(piece.text))};
    use(*std::move(value));
    return std::nullopt;
}

template <class T, class Kind>
std::vector<Fault> take_one(T& into, const Kind& kind, const Given& given, bool hidden) {
    if (given.shape == Shape::array)
        return {{given.line, fmt::format("must be {}, not an array", kind.expected())}};
    auto fault = understand(kind, given.pieces.front(), given.base, hidden,
                            [&into](auto value) { into = std::move(value); });
    if (fault) return {*std::move(fault)};
    return {};
}

// Repeated elements are taken once.
template <class T, class Kind>
std::vector<Fault> take_list(std::vector<T>& into, const Kind& kind, const Given& given,
                             bool hidden) {
    if (given.shape != Shape::array && given.shape != Shape::untyped)
        return {{given.line, "must be an array of texts in quotes: [\"…\", \"…\"]"}};
    std::vector<Fault> faults;
    std::vector<T> taken;
    for (const auto& piece : given.pieces) {
        auto fault = understand(kind, piece, given.base, hidden, [&taken](T value) {
            if (std::ranges::find(taken, value) == taken.end()) taken.push_back(std::move(value));
        });
        if (fault) faults.push_back(*std::move(fault));
    }
    if (faults.empty()) into = std::move(taken);
    return faults;
}

std::string variable_of(std::string_view key) {
    std::string variable = "ORACODED_";
    for (const char c : key)
        variable += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return variable;
}

// Adds the keys of one section.
template <class Section>
class Rows {
public:
    Rows(std::vector<Key>& keys, std::string_view name, Section Settings::*section)
        : keys_(keys), name_(name), section_(section) {}

    template <class T, class Kind>
    Key& add(std::string_view name, T Section::*member, Kind kind, std::string_view help) {
        auto& key = keys_.emplace_back();
        key.description.key = full_name(name);
        key.description.variable = variable_of(key.description.key);
        key.description.help = help;
        key.description.expected = kind.expected();
        key.description.list = is_list<T>;
        key.take = [section = section_, member, kind](Settings& settings, const Given& given,
                                                      bool hidden) {
            auto& into = settings.*section.*member;
            if constexpr (is_list<T>)
                return take_list(into, kind, given, hidden);
            else
                return take_one(into, kind, given, hidden);
        };
        key.same = [section = section_, member](const Settings& a, const Settings& b) {
            return a.*section.*member == b.*section.*member;
        };
        return key;
    }

    template <class T, class Kind>
    void add_reloadable(std::string_view name, T Section::*member, Kind kind,
                        std::string_view help) {
        add(name, member, kind, help).description.reloadable = true;
    }

    // A secret, and beside it the key that names the file it is read from. The file's name is
    // hidden too: a secret put there by mistake must not be repeated as a path that does not exist.
    template <class T, class Kind>
    void add_secret(std::string_view name, T Section::*member, Kind kind, std::string_view help,
                    std::string_view file_name, std::filesystem::path Section::*file,
                    std::string_view file_help) {
        auto& value = add(name, member, kind, help);
        value.alternative = full_name(file_name);
        value.description.secret = value.description.reloadable = value.hidden = true;
        auto& from = add(file_name, file, values::Path{}, file_help);
        from.alternative = full_name(name);
        from.description.reloadable = from.hidden = true;
    }

private:
    [[nodiscard]] std::string full_name(std::string_view name) const {
        return fmt::format("{}.{}", name_, name);
    }

    std::vector<Key>& keys_;
    std::string_view name_;
    Section Settings::*section_;
};

void add_webhook(std::vector<Key>& keys) {
    using S = WebhookSettings;
    Rows rows{keys, "webhook", &Settings::webhook};
    rows.add("listen", &S::listen, values::Tcp{}, "public address and port for Seam's deliveries");
    rows.add("path", &S::path, values::UrlPath{}, "path that Seam posts to");
    rows.add_reloadable("certificate", &S::certificate, values::Path{},
                        "PEM file with the certificate chain");
    rows.add_reloadable("private_key", &S::private_key, values::Path{},
                        "PEM file with its private key");
    rows.add("tls", &S::tls, values::Switch{}, "false only behind a proxy that ends TLS");
    rows.add_secret("secrets", &S::secrets, values::SigningSecret{},
                    "signing secrets of the webhook (whsec_…)", "secrets_file", &S::secrets_file,
                    "file with the signing secrets, one a line");
    rows.add("timestamp_tolerance", &S::timestamp_tolerance, values::Span{1s, day},
             "how far a delivery's time stamp may be off, either way");
    rows.add("max_body", &S::max_body, values::Bytes{1, 64 * mib}, "longest body taken");
    rows.add("max_connections", &S::max_connections, values::Count{1, 1'000'000},
             "connections in all");
    rows.add("max_connections_per_address", &S::max_connections_per_address,
             values::Count{1, 1'000'000},
             "connections from one address; trusted proxies are not counted");
    rows.add("trusted_proxies", &S::trusted_proxies, values::NetworkBlock{},
             "addresses whose X-Forwarded-For is believed");
}

void add_api(std::vector<Key>& keys) {
    using S = ApiSettings;
    Rows rows{keys, "api", &Settings::api};
    rows.add("listen", &S::listen, values::Listen{},
             "address and port, or unix:PATH, of the REST API");
    rows.add_reloadable("certificate", &S::certificate, values::Path{},
                        "PEM file with the certificate chain");
    rows.add_reloadable("private_key", &S::private_key, values::Path{},
                        "PEM file with its private key");
    rows.add_secret("tokens", &S::tokens, values::BearerToken{},
                    "bearer tokens: name:token or name:token:read", "tokens_file", &S::tokens_file,
                    "file with the tokens, one a line");
    rows.add("socket_mode", &S::socket_mode, values::Mode{}, "file mode of a unix socket");
    rows.add("socket_group", &S::socket_group, values::Word{}, "group that owns a unix socket");
    rows.add("max_connections", &S::max_connections, values::Count{1, 1'000'000},
             "connections in all");
}

void add_seam(std::vector<Key>& keys) {
    using S = SeamSettings;
    Rows rows{keys, "seam", &Settings::seam};
    // Hidden: an address with a user name and password in it is refused.
    rows.add("endpoint", &S::endpoint, values::Url{}, "Seam's API").hidden = true;
    rows.add_secret("api_key", &S::api_key, values::Word{},
                    "API key; without one nothing is polled or created", "api_key_file",
                    &S::api_key_file, "file with the API key");
    rows.add("workspace_id", &S::workspace_id, values::Word{},
             "workspace, for personal access tokens");
    rows.add("ca_file", &S::ca_file, values::Path{},
             "PEM file with the authorities to trust instead of the system's");
    rows.add("timeout", &S::timeout, values::Span{10ms, 10min}, "longest wait for one answer");
}

void add_poll(std::vector<Key>& keys) {
    using S = PollSettings;
    Rows rows{keys, "poll", &Settings::poll};
    rows.add("grace", &S::grace, values::Span{0s, 7 * day},
             "how long after the expected moment a webhook is overdue");
    rows.add("retry_min", &S::retry_min, values::Span{10ms, 7 * day},
             "first pause between polls of one code");
    rows.add("retry_max", &S::retry_max, values::Span{10ms, 7 * day},
             "longest pause between polls of one code");
    rows.add("batch", &S::batch, values::Count{1, 1000}, "codes asked for in one request");
    rows.add("requests_per_minute", &S::requests_per_minute, values::Count{1, 100'000},
             "budget of all polling");
    rows.add("backfill", &S::backfill, values::Span{0s, 90 * day},
             "how far back events are fetched after being away");
    rows.add("check_set", &S::check_set, values::Span{1s, 7 * day},
             "how often a set code is compared with Seam near its stay");
    rows.add("discover", &S::discover, values::Span{0s, 36'500 * day},
             "how often the codes of every lock are listed; 0s is never");
}

std::vector<Key> make_keys() {
    std::vector<Key> keys;
    add_webhook(keys);
    add_api(keys);
    Rows{keys, "metrics", &Settings::metrics}.add(
        "listen", &MetricsSettings::listen, values::OptionalListen{},
        "a listener of their own for /healthz, /readyz and /metrics");
    add_seam(keys);
    add_poll(keys);
    Rows store{keys, "store", &Settings::store};
    store.add("database", &StoreSettings::database, values::RequiredPath{},
              "SQLite file, made if missing");
    store.add("history", &StoreSettings::history, values::Span{1s, 36'500 * day},
              "how long ended codes and their events are kept");
    store.add("pins", &StoreSettings::pins, values::Span{1s, 36'500 * day},
              "how long the PINs of ended codes are kept");
    Rows oracode{keys, "oracode", &Settings::oracode};
    oracode.add("max_codes_per_device", &OracodeSettings::max_codes_per_device,
                values::Count{0, 1'000'000},
                "creation is refused at this many codes not yet ended; 0 is no limit");
    oracode.add("lead", &OracodeSettings::lead, values::Span{0s, 7 * day},
                "how long before its start Seam begins to register a code");
    Rows{keys, "alerts", &Settings::alerts}.add(
        "before", &AlertSettings::before, values::Span{0s, 7 * day},
        "how long before its start a code has to be in order");
    Rows log{keys, "log", &Settings::log};
    log.add_reloadable("level", &LogSettings::level, values::LogLevel{},
                       "trace, debug, info, warn or error");
    log.add("format", &LogSettings::format, values::LogFormat{}, "text or json");
    return keys;
}

std::vector<TargetKey> make_target_keys() {
    std::vector<TargetKey> keys;
    const auto add = [&keys]<class T>(std::string_view name, T NotifyTarget::*member, auto kind,
                                      std::string_view help) -> TargetKey& {
        auto& key = keys.emplace_back();
        key.name = name;
        key.description.key = fmt::format("notify.{}", name);
        key.description.help = help;
        key.description.expected = kind.expected();
        key.description.reloadable = true;
        key.take = [member, kind](NotifyTarget& target, const Given& given, bool hidden) {
            auto& into = target.*member;
            if constexpr (is_list<T>)
                return take_list(into, kind, given, hidden);
            else
                return take_one(into, kind, given, hidden);
        };
        return key;
    };
    using N = NotifyTarget;
    add("name", &N::name, values::TargetName{}, "what the target is called");
    add("url", &N::url, values::TargetUrl{}, "where it is posted to").hidden = true;
    add("url_file", &N::url_file, values::Path{}, "file with the address").hidden = true;
    add("format", &N::format, values::TargetFormat{}, "webhook, ntfy or slack");
    add("secret", &N::secret, values::SigningSecret{}, "what webhooks are signed with (whsec_…)")
        .hidden = true;
    add("secret_file", &N::secret_file, values::Path{}, "file with the secret").hidden = true;
    add("types", &N::types, values::TypeOfNotification{}, "what the target is notified of")
        .description.list = true;
    return keys;
}

const Key* find(std::string_view name, std::string KeyDescription::*by) {
    for (const auto& key : all_keys())
        if (key.description.*by == name) return &key;
    return nullptr;
}

}  // namespace

std::span<const Key> all_keys() {
    static const std::vector<Key> keys = make_keys();
    return keys;
}

std::span<const TargetKey> all_target_keys() {
    static const std::vector<TargetKey> keys = make_target_keys();
    return keys;
}

const TargetKey* find_target_key(std::string_view name) {
    const auto keys = all_target_keys();
    const auto found = std::ranges::find(keys, name, &TargetKey::name);
    return found == keys.end() ? nullptr : &*found;
}

const Key* find_key(std::string_view name) {
    return find(name, &KeyDescription::key);
}
const Key* find_variable(std::string_view variable) {
    return find(variable, &KeyDescription::variable);
}

bool is_section(std::string_view name) {
    return std::ranges::any_of(all_keys(), [name](const Key& key) {
        return key.description.key.starts_with(fmt::format("{}.", name));
    });
}

std::vector<KeyDescription> describe_keys() {
    std::vector<KeyDescription> descriptions;
    for (const auto& key : all_keys()) descriptions.push_back(key.description);
    return descriptions;
}

std::vector<KeyDescription> describe_target_keys() {
    std::vector<KeyDescription> descriptions;
    for (const auto& key : all_target_keys()) descriptions.push_back(key.description);
    return descriptions;
}

std::vector<std::string> keys_needing_restart(const Settings& running, const Settings& loaded) {
    std::vector<std::string> names;
    for (const auto& key : all_keys())
        if (!key.description.reloadable && !key.same(running, loaded))
            names.push_back(key.description.key);
    return names;
}

}  // namespace oracode::settings
