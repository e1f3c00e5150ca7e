// oracodectl as a shell runs it, for tests.
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "support/paths.hpp"
#include "support/process.hpp"
#include "support/scripted_server.hpp"

#define EXPECT_HAS(text, words) EXPECT_NE((text).find(words), std::string::npos) << (text)

namespace oracode::ctl {

using test::Certificate;
using test::contents;
using test::Scripted;
using test::ScriptedServer;
using test::Seen;

class OracodectlTest : public testing::Test {
protected:
    struct Outcome {
        int exit = -1;
        std::string out;
        std::string err;
    };

    // `arguments` as a shell reads them. In UTC, and with nothing of our own environment that
    // oracodectl would read.
    Outcome run(const std::string& arguments, const std::string& environment = "") const {
        const std::string command =
            "env -u ORACODECTL_API -u ORACODECTL_TOKEN_FILE -u ORACODECTL_TOKEN -u "
            "SEAM_WEBHOOK_SECRET TZ=UTC " +
            environment + " '" + test::oracodectl() + "' " + arguments + " >'" + file("out") +
            "' 2>'" + file("err") + "' </dev/null";
        ScriptedServer::synchronize();
        const int status = std::system(command.c_str());
        ScriptedServer::synchronize();
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(file("out")),
                contents(file("err"))};
    }

    std::string file(const std::string& name) const { return folder_ / name; }
    std::string file_with(const std::string& name, const std::string& text) const {
        return folder_.write(name, text);
    }

private:
    test::TemporaryFolder folder_;
};

}  // namespace oracode::ctl
