#include "cli/completion.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/command_table.h"
#include "cli/version_command.h"
#include "fixtures.h"

namespace qalam::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

std::string Contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class BashCompletion : public testing::Test {
 protected:
  BashCompletion() {
    std::string name = testing::TempDir() + "qalam-completion-XXXXXX";
    directory_ = mkdtemp(name.data());
    std::ofstream(directory_ / "completion.bash") << *CompletionScript("bash");
    std::ofstream(directory_ / "qalam") << "#!/bin/sh\n"
                                           "case \"$*\" in\n"
                                           "  'ls -o name') printf 'digits\\nother\\n' ;;\n"
                                           "  '--data-dir d ls -o name') echo elsewhere ;;\n"
                                           "  'show digits -o name') printf 'digits-a\\ndigits-b\\n' ;;\n"
                                           "esac\n";
    fs::permissions(directory_ / "qalam", fs::perms::owner_all);
  }
  ~BashCompletion() override { fs::remove_all(directory_); }

  // What bash offers for the last of `words`.
  std::string Offers(const std::string& words) {
    const fs::path script = directory_ / "ask.bash", out = directory_ / "out.txt";
    std::ofstream(script) << "PATH=" << directory_.string() << ":$PATH\nsource "
                          << (directory_ / "completion.bash").string() << "\nCOMP_WORDS=(qalam " << words
                          << ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_qalam\n"
                          << "printf '%s ' \"${COMPREPLY[@]}\"\n";
    EXPECT_EQ(std::system(fmt::format("bash {} > {}", script.string(), out.string()).c_str()), 0);
    return Contents(out);
  }

  fs::path directory_;
};

TEST_F(BashCompletion, IsValidBash) {
  EXPECT_EQ(std::system(fmt::format("bash -n {}", (directory_ / "completion.bash").string()).c_str()), 0);
}

TEST_F(BashCompletion, OffersCommandsFlagsAndTheirValues) {
  EXPECT_EQ(Offers("comp"), "completion ");
  EXPECT_EQ(Offers("run --max"), "--max-trials ");
  EXPECT_EQ(Offers("best x -o a"), "args ");
  EXPECT_EQ(Offers("best x --output en"), "env ");
  EXPECT_EQ(Offers("ls --color n"), "never ");
  EXPECT_EQ(Offers("completion z"), "zsh ");
}

TEST_F(BashCompletion, OffersExperimentsAndTrials) {
  EXPECT_EQ(Offers("best ''"), "digits other ");
  EXPECT_EQ(Offers("show ot"), "other ");
  EXPECT_EQ(Offers("logs digits/"), "digits/digits-a digits/digits-b ");
  EXPECT_EQ(Offers("--data-dir d rm ''"), "elsewhere ");
}

TEST_F(BashCompletion, LeavesTheProgramAfterTwoDashesToTheShell) { EXPECT_EQ(Offers("run -- bes"), " "); }

TEST(ZshCompletion, IsValidZsh) {
  const std::string script = *CompletionScript("zsh");
  EXPECT_THAT(script, StartsWith("#compdef qalam\n"));
  std::string name = testing::TempDir() + "qalam-zsh-XXXXXX";
  const int fd = mkstemp(name.data());
  ASSERT_GE(fd, 0);
  close(fd);
  std::ofstream(name) << script;
  EXPECT_EQ(std::system(fmt::format("zsh -n {}", name).c_str()), 0);
  fs::remove(name);
}

TEST(Completion, KnowsEveryCommandAndFlag) {
  for (const char* shell : {"bash", "zsh"}) {
    const std::string script = *CompletionScript(shell);
    for (const CommandInfo& command : AllCommands()) {
      EXPECT_THAT(script, HasSubstr(command.name));
      for (const FlagInfo& flag : command.flags) EXPECT_THAT(script, HasSubstr(flag.name));
    }
    for (const FlagInfo& flag : GlobalFlags()) EXPECT_THAT(script, HasSubstr(flag.name));
  }
}

TEST(Completion, RefusesOtherShells) {
  TestStreams test;
  EXPECT_EQ(RunCompletion("fish", test.streams), 2);
  EXPECT_EQ(test.err.str(), "qalam: the shell must be bash or zsh, got \"fish\"\n");
  EXPECT_EQ(RunCompletion("bash", test.streams), 0);
  EXPECT_THAT(test.out.str(), HasSubstr("complete -F _qalam qalam"));
}

TEST(ManPage, DocumentsEveryCommandAndFlag) {
  std::string page = Contents(QALAM_MAN_PAGE);
  ASSERT_FALSE(page.empty());
  for (size_t at; (at = page.find("\\-")) != std::string::npos;) page.replace(at, 2, "-");
  for (const CommandInfo& command : AllCommands()) {
    EXPECT_THAT(page, HasSubstr(fmt::format("\n.SS qalam {}", command.name)));
    for (const FlagInfo& flag : command.flags) EXPECT_THAT(page, HasSubstr(flag.name)) << command.name;
  }
  for (const FlagInfo& flag : GlobalFlags()) EXPECT_THAT(page, HasSubstr(flag.name));
  for (const char* code : {"\n.B 0\n", "\n.B 6\n", "\n.B 124\n", "\n.B 130\n", "\n.B 143\n"})
    EXPECT_THAT(page, HasSubstr(code));
}

TEST(Version, IsPrintedInThreeForms) {
  TestStreams text, json, bad;
  EXPECT_EQ(RunVersion({}, text.streams), 0);
  EXPECT_EQ(text.out.str(), fmt::format("qalam {} (kubeflow.org/v1beta1, gRPC api.v1.beta1)\n", Version()));
  EXPECT_EQ(RunVersion({.format = "json"}, json.streams), 0);
  EXPECT_EQ(
      json.out.str(),
      fmt::format("{{\"version\":\"{}\",\"resources\":\"kubeflow.org/v1beta1\",\"rpc\":\"api.v1.beta1\"}}\n",
                  Version()));
  EXPECT_EQ(RunVersion({.format = "csv"}, bad.streams), 2);
}

}  // namespace
}  // namespace qalam::cli
