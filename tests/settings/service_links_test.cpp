#include "settings/service_links.hpp"

#include <gtest/gtest.h>

namespace oracode::test {
namespace {

using settings::is_service_link;

TEST(ServiceLinks, WhatKubernetesSetsForAServiceOfOurNameIsNoSetting) {
    for (const auto* variable :
         {"ORACODED_SERVICE_HOST", "ORACODED_SERVICE_PORT", "ORACODED_SERVICE_PORT_HTTPS",
          "ORACODED_PORT_8443_TCP", "ORACODED_PORT_8443_TCP_PROTO", "ORACODED_PORT_8443_TCP_ADDR",
          "ORACODED_WEBHOOK_PORT_53_UDP_PORT"})
        EXPECT_TRUE(is_service_link(variable, "")) << variable;
    EXPECT_TRUE(is_service_link("ORACODED_PORT", "tcp://10.0.0.1:8443"));
}

TEST(ServiceLinks, ASettingIsNotMistakenForOne) {
    EXPECT_FALSE(is_service_link("ORACODED_PORT", "8443")) << "a setting that was guessed at";
    EXPECT_FALSE(is_service_link("ORACODED_WEBHOOK_LISTEN", "tcp://x"));
    EXPECT_FALSE(is_service_link("ORACODED_PORT_TCP", ""));
    EXPECT_FALSE(is_service_link("ORACODED_8443_TCP", ""));
}

}  // namespace
}  // namespace oracode::test
