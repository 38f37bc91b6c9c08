#pragma once

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/memory/journal.hpp"
#include "app/server/options.hpp"
#include "app/server/tests/test_clients.hpp"
#include "ports/clock.hpp"

namespace tianqu::server {
class Runtime;
}

namespace tianqu::test {

/// A journal in memory that tells that events are durable only when it is let.
class WithholdingJournal final : public ports::Journal {
public:
    void withhold();
    /// Tells of everything withheld, and of all that follows at once.
    void release();
    void break_storage() { memory_.break_storage(); }

    [[nodiscard]] Result<std::int64_t> append(std::vector<ports::EventRecord> events, Completion completion) override;
    [[nodiscard]] Status seal(std::string snapshot, Completion completion) override {
        return memory_.seal(std::move(snapshot), std::move(completion));
    }
    [[nodiscard]] Status read(std::int64_t from, const Visitor& visitor) const override {
        return memory_.read(from, visitor);
    }
    [[nodiscard]] std::int64_t last_sequence() const override { return memory_.last_sequence(); }
    [[nodiscard]] Result<std::optional<ports::Snapshot>> latest_snapshot() const override {
        return memory_.latest_snapshot();
    }
    [[nodiscard]] Result<std::vector<ports::Segment>> segments() const override { return memory_.segments(); }
    [[nodiscard]] Result<ports::VerifyReport> verify() const override { return memory_.verify(); }
    [[nodiscard]] ports::JournalCounters counters() const override { return memory_.counters(); }

private:
    memory::MemoryJournal memory_;
    std::mutex mutex_;
    bool withholding_ = false;
    std::vector<std::pair<Completion, Status>> withheld_;
};

struct TestServerOptions {
    charging::UnknownChargers unknown_chargers = charging::UnknownChargers::hold;
    ocpp::Validation validation = ocpp::Validation::tolerant;
};

/// The whole service on free ports of this machine, on a journal in memory, with a small network made by hand:
/// city 371400 → feeder F1 → transformer T1 → stations S1 (residential: A1, A2 of 7 kW) and P1 (public: D1 of two
/// connectors of 60 kW).
class TestServer {
public:
    explicit TestServer(TestServerOptions options = {});
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    [[nodiscard]] std::uint16_t http_port() const { return http_port_; }
    [[nodiscard]] std::uint16_t ocpp_port() const { return ocpp_port_; }
    WithholdingJournal& journal() { return journal_; }
    /// A one-time link's token for an administrator.
    [[nodiscard]] const std::string& link_token() const { return link_token_; }
    /// An API key of a user of this role, named after it.
    [[nodiscard]] std::string key(const std::string& role) const { return keys_.at(role); }

    /// A request below /api/v1 with the administrator's key (or that of another role).
    [[nodiscard]] HttpAnswer api(const std::string& method, const std::string& path, const std::string& body = {},
                                 const std::string& role = "administrator") const;
    /// Runs `work` on the core thread and waits.
    void on_core(const std::function<void(server::Runtime&)>& work);
    /// The list of such an event's payload as JSON text, in order of the journal.
    [[nodiscard]] std::vector<std::string> events(std::string_view name) const;

private:
    struct Parts;

    WithholdingJournal journal_;
    std::unique_ptr<Parts> parts_;
    std::thread thread_;
    std::uint16_t http_port_ = 0;
    std::uint16_t ocpp_port_ = 0;
    std::string link_token_;
    std::map<std::string, std::string> keys_;
};

/// Asks again until the answer `fits`; the last answer either way.
[[nodiscard]] HttpAnswer ask_until(const std::function<HttpAnswer()>& question,
                                   const std::function<bool(const HttpAnswer&)>& fits);

/// Boots a charger; the status of the answer ("Accepted", "Pending", …).
[[nodiscard]] std::string boot(OcppClient& charger);
[[nodiscard]] std::string start_payload(const std::string& token, std::int64_t meter_start_wh, const std::string& time,
                                        int connector = 1);
[[nodiscard]] std::string now_text();

}  // namespace tianqu::test
