// Everything a user can choose, with its default. A value: `main` loads it once and hands out its
// parts; a reload makes another one and compares.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/notification.hpp"
#include "core/time.hpp"
#include "logging/level.hpp"
#include "net/address.hpp"
#include "net/url.hpp"

namespace oracode::settings {

// A caller of the API. Without `write` it may only read, and never sees a PIN.
struct Token {
    std::string name;
    std::string token;
    bool write = true;

    friend bool operator==(const Token&, const Token&) = default;
};

struct WebhookSettings {
    net::TcpAddress listen{"0.0.0.0", 8443};
    std::string path = "/webhooks/seam";
    std::filesystem::path certificate;
    std::filesystem::path private_key;
    bool tls = true;
    std::vector<std::string> secrets;  // base64, with or without `whsec_`; never empty once loaded
    std::filesystem::path secrets_file;  // where they were read from, if from a file
    Duration timestamp_tolerance = std::chrono::minutes{5};
    std::size_t max_body = 256U << 10;
    std::size_t max_connections = 4096;
    std::size_t max_connections_per_address = 512;
    std::vector<net::Network> trusted_proxies;  // whose X-Forwarded-For is believed

    friend bool operator==(const WebhookSettings&, const WebhookSettings&) = default;
};

struct ApiSettings {
    net::ListenAddress listen = net::TcpAddress{"127.0.0.1", 8080};
    std::filesystem::path certificate;  // TLS is on when both are set
    std::filesystem::path private_key;
    std::vector<Token> tokens;
    std::filesystem::path tokens_file;  // where they were read from, if from a file
    unsigned socket_mode = 0660;
    std::string socket_group;  // a name or number; empty leaves the process's own
    std::size_t max_connections = 16384;

    friend bool operator==(const ApiSettings&, const ApiSettings&) = default;
};

struct MetricsSettings {
    std::optional<net::ListenAddress>
        listen;  // none: /healthz, /readyz and /metrics only beside the API

    friend bool operator==(const MetricsSettings&, const MetricsSettings&) = default;
};

struct SeamSettings {
    net::Url endpoint{net::Transport::tls, "connect.getseam.com", 443};
    std::string api_key;                 // empty: no polling, no creation
    std::filesystem::path api_key_file;  // where it was read from, if from a file
    std::string workspace_id;
    std::filesystem::path ca_file;
    Duration timeout = std::chrono::seconds{30};

    friend bool operator==(const SeamSettings&, const SeamSettings&) = default;
};

struct PollSettings {
    Duration grace = std::chrono::minutes{2};
    Duration retry_min = std::chrono::seconds{30};
    Duration retry_max = std::chrono::hours{1};
    std::size_t batch = 100;
    std::size_t requests_per_minute = 60;
    Duration backfill = std::chrono::hours{72};
    Duration check_set = std::chrono::minutes{15};
    Duration discover = std::chrono::hours{24};  // zero: never

    friend bool operator==(const PollSettings&, const PollSettings&) = default;
};

struct StoreSettings {
    std::filesystem::path database = "/var/lib/oracoded/oracoded.db";
    Duration history = std::chrono::days{400};
    Duration pins = std::chrono::days{7};

    friend bool operator==(const StoreSettings&, const StoreSettings&) = default;
};

struct OracodeSettings {
    std::size_t max_codes_per_device = 0;  // 0: no limit
    Duration lead = std::chrono::minutes{60};

    friend bool operator==(const OracodeSettings&, const OracodeSettings&) = default;
};

struct AlertSettings {
    // A code that is not in order this long before its start needs a person to look.
    Duration before = std::chrono::minutes{30};

    friend bool operator==(const AlertSettings&, const AlertSettings&) = default;
};

// One [[notify]] table: a receiver of alerts or changes.
struct NotifyTarget {
    std::string name;
    std::optional<net::Url> url;     // a secret; always there once loaded
    std::filesystem::path url_file;  // where it was read from, if from a file
    NotificationFormat format = NotificationFormat::webhook;
    std::string secret;                 // base64, with or without `whsec_`; for `webhook` alone
    std::filesystem::path secret_file;  // where it was read from, if from a file
    std::vector<NotificationType> types{NotificationType::alert_opened,
                                        NotificationType::alert_closed};

    friend bool operator==(const NotifyTarget&, const NotifyTarget&) = default;
};

struct LogSettings {
    log::Level level = log::Level::info;
    log::Format format = log::Format::text;

    friend bool operator==(const LogSettings&, const LogSettings&) = default;
};

struct Settings {
    WebhookSettings webhook;
    ApiSettings api;
    MetricsSettings metrics;
    SeamSettings seam;
    PollSettings poll;
    StoreSettings store;
    OracodeSettings oracode;
    AlertSettings alerts;
    std::vector<NotifyTarget> notify;
    LogSettings log;

    friend bool operator==(const Settings&, const Settings&) = default;
};

}  // namespace oracode::settings
