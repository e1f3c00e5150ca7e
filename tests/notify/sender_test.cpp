// Notifications from the outbox to real servers that answer as a test says.
#include "notify/sender_fixture.hpp"

namespace oracode::test {
namespace {

TEST_F(SenderTest, TellsAChangeOnceSignedAndWithoutThePin) {
    const Receiver receiver(204);
    start({target("pms", receiver.url())});
    auto event = make_event("e1", "code1", lifecycle::LifecycleStep::set, 1);
    event.facts.code = std::optional<std::string>("700001");
    ASSERT_TRUE(record(event, R"({"code":"700001"})"));
    ASSERT_TRUE(eventually([&] { return !receiver.seen().empty(); }));
    auto seen = receiver.seen().front();
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.target, "/hook?key=hidden");
    const auto body = json::parse(seen.body);
    EXPECT_EQ(body.at("type"), "access_code.changed");
    EXPECT_EQ(body.at("timestamp").as_string(), format_rfc3339(now_.load()));
    EXPECT_EQ(body.at("data").at("seq"), 1);
    EXPECT_EQ(body.at("data").at("access_code_id"), "code1");
    EXPECT_EQ(body.at("data").at("from"), nullptr);
    EXPECT_EQ(body.at("data").at("to"), "set");
    EXPECT_THAT(seen.body, testing::Not(HasSubstr("700001")));
    const std::vector<webhook::Secret> secrets{webhook::Secret::parse(secret).value()};
    webhook::Verifier verifier(secrets, 5min);
    EXPECT_TRUE(verifier
                    .verify({seen.headers["webhook-id"], seen.headers["webhook-timestamp"],
                             seen.headers["webhook-signature"]},
                            seen.body, now_.load())
                    .accepted());
    EXPECT_TRUE(eventually([&] { return row("count(*)") == "0"; })) << "it is not kept";
    EXPECT_EQ(health("pms").state, State::delivering);
    EXPECT_THAT(metrics_.text(),
                HasSubstr(R"(oracoded_notifications_total{result="delivered",target="pms"} 1)"));
    pass(24h);
    change("code2", 2, lifecycle::LifecycleStep::set);
    ASSERT_TRUE(eventually([&] { return receiver.seen().size() > 1; }));
    EXPECT_EQ(receiver.seen().size(), 2U);
}

TEST_F(SenderTest, TriesAgainWithTheSameIdOverRestartsAndThenGivesUp) {
    const Receiver receiver(500);
    const auto targets = [&] { return std::vector{target("pms", receiver.url())}; };
    start(targets());
    change("code1", 1, lifecycle::LifecycleStep::set);
    int attempts = 1;
    for (const auto pause : notify::retry_pauses) {
        ASSERT_TRUE(settled_attempts(attempts));
        EXPECT_EQ(receiver.seen().size(), static_cast<std::size_t>(attempts));
        if (attempts == 3) {
            stop();
            start(targets());
        }
        pass(pause - 1ms);
        EXPECT_EQ(row("state"), "0");
        pass(1ms);
        ++attempts;
    }
    ASSERT_TRUE(eventually([&] { return row("state") == "2"; }));
    EXPECT_EQ(row("attempts"), "8");
    EXPECT_EQ(row("last_error"), "answered 500");
    const auto all = receiver.seen();
    ASSERT_EQ(all.size(), 8U);
    for (auto seen : all) EXPECT_EQ(seen.headers["webhook-id"], row("message_id"));
    EXPECT_NE(receiver.seen()[0].headers["webhook-timestamp"],
              receiver.seen()[7].headers["webhook-timestamp"]);
    EXPECT_EQ(health("pms").state, State::failing);
    EXPECT_THAT(metrics_.text(),
                HasSubstr(R"(oracoded_notifications_total{result="failed",target="pms"} 1)"));
}

TEST_F(SenderTest, TellsWhenAnAlertOpensAndWhenItCloses) {
    const Receiver receiver(204);
    auto alerts = target("pms", receiver.url());
    alerts.types = {alert_opened, alert_closed};
    start({alerts});
    auto event = make_event("e1", "code1", lifecycle::LifecycleStep::unset, 1);
    event.facts.name = std::optional<std::string>("Ada Lovelace");
    event.facts.code = std::optional<std::string>("700001");
    event.facts.starts_at = std::optional(now_.load() - 1h);
    event.facts.ends_at = std::optional(now_.load() + 24h);
    ASSERT_TRUE(record(event));
    ASSERT_TRUE(eventually([&] { return receiver.seen().size() == 1; }));
    const auto opened = json::parse(receiver.seen()[0].body);
    EXPECT_EQ(opened.at("type"), "alert.opened");
    EXPECT_EQ(opened.at("data").at("kind"), "not_in_order");
    EXPECT_EQ(opened.at("data").at("closed_at"), nullptr);
    EXPECT_EQ(opened.at("data").at("access_code").at("name"), "Ada Lovelace");
    EXPECT_THAT(receiver.seen()[0].body, testing::Not(HasSubstr("700001")));
    change("code1", 2, lifecycle::LifecycleStep::set);
    ASSERT_TRUE(eventually([&] { return receiver.seen().size() == 2; }));
    const auto closed = json::parse(receiver.seen()[1].body);
    EXPECT_EQ(closed.at("type"), "alert.closed");
    EXPECT_EQ(closed.at("data").at("id"), opened.at("data").at("id"));
    EXPECT_EQ(closed.at("data").at("closed_at").as_string(), format_rfc3339(now_.load()));
    ASSERT_TRUE(eventually([&] { return row("state") == "1"; })) << "what was told is kept";
    EXPECT_EQ(row("attempts"), "1");
}

TEST_F(SenderTest, TellsOfAlertsAboutTheDaemonItself) {
    const Receiver receiver(204);
    auto alerts = target("pms", receiver.url());
    alerts.types = {alert_opened};
    start({alerts});
    ASSERT_TRUE(wait<bool>([&](auto& home, auto done) {
        store_->set_daemon_alerts({{lifecycle::AlertKind::disk, "Little space is left."}}, home,
                                  std::move(done));
    }));
    ASSERT_TRUE(eventually([&] { return receiver.seen().size() == 1; }));
    const auto told = json::parse(receiver.seen()[0].body);
    EXPECT_EQ(told.at("data").at("detail"), "Little space is left.");
    EXPECT_EQ(told.at("data").at("access_code"), nullptr);
}

TEST_F(SenderTest, ALaterChangeOfACodeComesAfterTheEarlierOne) {
    std::atomic<bool> refuses = true;
    const Receiver receiver([&](const Seen& seen) {
        return Scripted{.status = refuses && code_of(seen) == "code1" ? 500U : 200U};
    });
    start({target("pms", receiver.url())});
    change("code1", 1, lifecycle::LifecycleStep::unset);
    ASSERT_TRUE(settled_attempts(1));
    change("code1", 2, lifecycle::LifecycleStep::set);
    change("code2", 3, lifecycle::LifecycleStep::unset);
    ASSERT_TRUE(eventually([&] { return receiver.seen().size() == 2; }));
    EXPECT_EQ(code_of(receiver.seen()[1]), "code2");
    refuses = false;
    pass(5s);
    ASSERT_TRUE(eventually([&] { return receiver.seen().size() == 4; }));
    EXPECT_EQ(to_of(receiver.seen()[2]), "unset");
    EXPECT_EQ(to_of(receiver.seen()[3]), "set");
}

TEST_F(SenderTest, AGoneTargetIsTriedAgainAfterAReloadOnly) {
    std::atomic<unsigned> status = 410;
    const Receiver receiver([&](const Seen&) { return Scripted{.status = status}; });
    start({target("pms", receiver.url())});
    change("code1", 1, lifecycle::LifecycleStep::set);
    ASSERT_TRUE(settled_attempts(1));
    EXPECT_EQ(health("pms").state, State::gone);
    status = 200;
    change("code2", 2, lifecycle::LifecycleStep::set);
    pass(24h);
    EXPECT_TRUE(eventually([&] { return row("count(*)") == "2"; })) << "they are kept";
    EXPECT_EQ(receiver.seen().size(), 1U);
    sender_->replace({target("pms", receiver.url())});
    ASSERT_TRUE(eventually([&] { return receiver.seen().size() == 3; }));
    EXPECT_TRUE(eventually([&] { return health("pms").state == State::delivering; }));
}

TEST_F(SenderTest, ATargetThatHangsDelaysNobodyElse) {
    const Receiver hanging([](const Seen&) { return Scripted{.silent = true}; });
    const Receiver receiver(200);
    start({target("hanging", hanging.url()), target("pms", receiver.url())}, {.timeout = 1min});
    for (int i = 1; i <= 20; ++i)
        change("code" + std::to_string(i), i, lifecycle::LifecycleStep::set);
    ASSERT_TRUE(eventually([&] { return receiver.seen().size() == 20; }));
    EXPECT_EQ(hanging.seen().size(), 1U);
    EXPECT_EQ(sql(path(), "SELECT max(attempts) FROM notifications WHERE target = 'hanging'"), "0");
}

TEST_F(SenderTest, ATargetThatHangsIsTriedAgain) {
    const Receiver hanging([](const Seen&) { return Scripted{.silent = true}; });
    start({target("hanging", hanging.url())}, {.timeout = 100ms});
    change("code1", 1, lifecycle::LifecycleStep::set);
    ASSERT_TRUE(settled_attempts(1));
    EXPECT_THAT(row("last_error"), HasSubstr("timed out after 100ms"));
}

TEST_F(SenderTest, AnAnswerWhoseBodyDoesNotComeIsAnAnswer) {
    const Receiver receiver([](const Seen&) { return Scripted{.head_only = true}; });
    start({target("pms", receiver.url())}, {.timeout = 200ms});
    change("code1", 1, lifecycle::LifecycleStep::set);
    ASSERT_TRUE(eventually([&] { return health("pms").state == State::delivering; }));
    EXPECT_EQ(receiver.seen().size(), 1U);
}

TEST_F(SenderTest, RedirectsAreNotFollowed) {
    const Receiver elsewhere(200);
    const Receiver receiver([&](const Seen&) {
        return Scripted{.status = 302, .headers = {{"Location", elsewhere.url()}}};
    });
    start({target("pms", receiver.url())});
    change("code1", 1, lifecycle::LifecycleStep::set);
    ASSERT_TRUE(settled_attempts(1));
    EXPECT_THAT(row("last_error"), HasSubstr("redirects are not followed"));
    EXPECT_TRUE(elsewhere.seen().empty());
}

TEST_F(SenderTest, CertificatesAreVerified) {
    const Certificate certificate;
    const Receiver receiver([](const Seen&) { return Scripted{}; }, &certificate);
    start({target("pms", receiver.url())});
    change("code1", 1, lifecycle::LifecycleStep::set);
    ASSERT_TRUE(settled_attempts(1));
    EXPECT_THAT(row("last_error"), HasSubstr("certificate"));
    EXPECT_TRUE(receiver.seen().empty());
    stop();
    start({target("pms", receiver.url())}, {.trust = {.ca_file = certificate.certificate()}});
    // A busy machine may use up more than one attempt.
    EXPECT_TRUE(eventually([&] {
        pass(5min);
        return receiver.seen().size() == 1;
    }));
}

TEST_F(SenderTest, AChangedAddressIsTriedAtOnce) {
    const Receiver wrong(404);
    const Receiver right(200);
    start({target("pms", wrong.url())});
    change("code1", 1, lifecycle::LifecycleStep::set);
    ASSERT_TRUE(settled_attempts(1));
    sender_->replace({target("pms", right.url())});
    ASSERT_TRUE(eventually([&] { return right.seen().size() == 1; }));
    EXPECT_EQ(right.seen()[0].headers.at("webhook-id"), wrong.seen()[0].headers.at("webhook-id"));
}

TEST_F(SenderTest, TargetsMayComeAndGoWhileItRuns) {
    const Receiver receiver(200);
    start({});
    change("code1", 1, lifecycle::LifecycleStep::set);
    sender_->replace({target("pms", receiver.url())});
    ASSERT_TRUE(eventually(
        [&] { return sql(path(), "SELECT count(*) FROM notification_targets") == "1"; }));
    change("code2", 2, lifecycle::LifecycleStep::set);
    ASSERT_TRUE(eventually([&] { return receiver.seen().size() == 1; }));
    EXPECT_EQ(code_of(receiver.seen()[0]), "code2");
    sender_->replace({});
    ASSERT_TRUE(eventually(
        [&] { return sql(path(), "SELECT count(*) FROM notification_targets") == "0"; }));
    EXPECT_TRUE(sender_->states().empty());
}

TEST_F(SenderTest, ShowsTheServerAndNothingMoreOfTheAddress) {
    const Receiver receiver(200);
    start({target("pms", receiver.url())});
    EXPECT_EQ(sender_->states().at("pms").server, receiver.url(""));
}

TEST_F(SenderTest, TriesATargetOut) {
    const Receiver receiver([](const Seen& seen) {
        return Scripted{.status = 400, .body = "no channel at " + seen.target};
    });
    start({target("pms", receiver.url())});
    const auto result = try_out("pms").value();
    EXPECT_EQ(result.status, 400U);
    EXPECT_EQ(result.error, "answered 400");
    EXPECT_EQ(result.body, "no channel at …");
    EXPECT_EQ(json::parse(receiver.seen().front().body).at("type"), "notify.test");
    EXPECT_EQ(try_out("nobody").error().code, Errc::not_found);
    EXPECT_EQ(health("pms").state, State::untried) << "a trial is nobody's notification";
}

TEST_F(SenderTest, EndsWhileATargetHangs) {
    const Receiver hanging([](const Seen&) { return Scripted{.silent = true}; });
    start({target("hanging", hanging.url())}, {.timeout = 1min});
    change("code1", 1, lifecycle::LifecycleStep::set);
    ASSERT_TRUE(eventually([&] { return hanging.seen().size() == 1; }));
    const auto began = std::chrono::steady_clock::now();
    stop();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
}

}  // namespace
}  // namespace oracode::test
