#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "adapters/sqlite/reader_pool.hpp"
#include "adapters/sqlite/views_file.hpp"
#include "ports/journal.hpp"
#include "ports/views.hpp"

namespace tianqu::sqlite {

struct SqliteViewsOptions {
    std::filesystem::path path;
    /// Most events that one transaction takes in.
    int batch_events = 20'000;
    /// A thread of its own follows the journal; without it only `catch_up` moves the tables.
    bool background = true;
    /// False for a file that need not outlive the process.
    bool durable = true;
};

/// The tables in one SQLite file. A damaged or outdated file is thrown away and made anew from the journal.
class SqliteViews final : public ports::Views {
public:
    /// The journal must outlive the views.
    [[nodiscard]] static Result<std::unique_ptr<SqliteViews>> open(SqliteViewsOptions options,
                                                                   const ports::Journal& journal);
    /// Stops at the end of the batch at hand; the rest comes at the next start.
    ~SqliteViews() override;

    /// Applies all that the journal holds now. Only without a background thread.
    [[nodiscard]] Status catch_up();

    [[nodiscard]] std::int64_t applied_sequence() const override { return applied_sequence_.load(); }
    void wake() override;

    [[nodiscard]] Result<ports::Page<ports::SessionView>> sessions(const ports::SessionFilter& filter) const override;
    [[nodiscard]] Result<ports::SessionView> session(SessionId id) const override;
    [[nodiscard]] Result<std::vector<ports::SampleView>> samples(SessionId id) const override;
    [[nodiscard]] Result<std::vector<ports::QuarterEnergy>> session_energy(SessionId id) const override;
    [[nodiscard]] Result<std::vector<ports::QuarterEnergy>> node_energy(const NodeId& node, TimePoint from,
                                                                        TimePoint until) const override;
    [[nodiscard]] Result<std::vector<ports::TelemetryView>> telemetry(const NodeId& node, TimePoint from,
                                                                      TimePoint until) const override;
    [[nodiscard]] Result<ports::Page<ports::AuditView>> audit(const ports::PageFilter& filter) const override;
    [[nodiscard]] Result<ports::Page<ports::AlarmView>> alarms(const ports::PageFilter& filter) const override;
    [[nodiscard]] Result<ports::Page<ports::FlaggedView>> flagged(const std::optional<ChargerId>& charger,
                                                                  const ports::PageFilter& filter) const override;

private:
    SqliteViews(SqliteViewsOptions options, const ports::Journal& journal)
        : options_(std::move(options)), journal_(journal), readers_({.path = options_.path}) {}

    [[nodiscard]] Status open_file();
    [[nodiscard]] Status start_projection();
    [[nodiscard]] Status apply_batch();
    void follow_until_stopped();

    SqliteViewsOptions options_;
    const ports::Journal& journal_;

    // Used by whichever thread applies, one at a time.
    Database database_;
    ViewsWriter writer_;
    std::optional<Projection> projection_;

    std::atomic<std::int64_t> applied_sequence_{0};
    ReaderPool readers_;

    std::mutex mutex_;
    std::condition_variable news_;
    bool woken_ = false;
    bool stopping_ = false;
    std::thread follower_;
};

}  // namespace tianqu::sqlite
