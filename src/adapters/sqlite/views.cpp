#include "adapters/sqlite/views.hpp"

#include <chrono>

#include "base/assertion.hpp"
#include "base/log.hpp"

namespace tianqu::sqlite {

namespace {

/// How long a forgotten `wake` may go unnoticed.
constexpr std::chrono::milliseconds look_interval{250};
constexpr std::chrono::seconds retry_interval{1};

/// Only a file of ours may be thrown away.
bool may_be_thrown_away(const Error& error) {
    return error.code == ErrorCode::unsupported || (error.code == ErrorCode::corrupt && !error.field("code").empty());
}

}  // namespace

Result<std::unique_ptr<SqliteViews>> SqliteViews::open(SqliteViewsOptions options, const ports::Journal& journal) {
    std::unique_ptr<SqliteViews> views(new SqliteViews(std::move(options), journal));
    if (auto opened = views->open_file(); !opened) return fail(opened.error());
    if (views->options_.background) {
        views->follower_ = std::thread([self = views.get()] { self->follow_until_stopped(); });
    }
    return views;
}

SqliteViews::~SqliteViews() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    news_.notify_all();
    if (follower_.joinable()) follower_.join();
}

Status SqliteViews::open_file() {
    auto database = open_views_database(options_.path, options_.durable);
    if (database) {
        // A file that knows more than the journal belongs to another journal.
        const auto applied = read_applied_sequence(*database);
        if (!applied || *applied > journal_.last_sequence())
            database = fail(ErrorCode::unsupported, "ahead of the journal");
    }
    if (!database && may_be_thrown_away(database.error())) {
        log_event(LogLevel::warning, "views_made_anew",
                  {{"file", options_.path.string()}, {"cause", database.error().to_string()}});
        remove_database_files(options_.path);
        database = open_views_database(options_.path, options_.durable);
    }
    if (!database) return fail(database.error());
    auto writer = ViewsWriter::prepare(*database);
    if (!writer) return fail(writer.error());
    database_ = std::move(*database);
    writer_ = std::move(*writer);
    return start_projection();
}

Status SqliteViews::start_projection() {
    const auto applied = read_applied_sequence(database_);
    if (!applied) return fail(applied.error());
    applied_sequence_ = *applied;
    auto topology = read_topology(database_);
    if (!topology) return fail(topology.error());
    projection_.emplace(std::move(*topology), [this](SessionId id) { return read_session(database_, id); });
    return {};
}

Status SqliteViews::catch_up() {
    TIANQU_ASSERT(!options_.background);
    while (applied_sequence_ < journal_.last_sequence()) {
        if (auto applied = apply_batch(); !applied) return applied;
    }
    return {};
}

Status SqliteViews::apply_batch() {
    // After a failure memory and file may differ; the file is right.
    if (!projection_) {
        if (auto started = start_projection(); !started) return started;
    }
    int taken = 0;
    Status status;
    auto read = journal_.read(applied_sequence_ + 1, [&](const ports::EventRecord& record) {
        status = projection_->take(record);
        return status && ++taken < options_.batch_events;
    });
    if (status && !read) status = read;
    if (status && taken == 0) return {};
    if (status) {
        const auto changes = projection_->take_changes();
        status = writer_.write(database_, changes);
        if (status) applied_sequence_ = changes.last_sequence;
    }
    if (!status) projection_.reset();
    return status;
}

void SqliteViews::wake() {
    {
        const std::scoped_lock lock(mutex_);
        woken_ = true;
    }
    news_.notify_one();
}

void SqliteViews::follow_until_stopped() {
    bool failing = false;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            const bool behind = !failing && applied_sequence_ < journal_.last_sequence();
            const auto patience = failing ? std::chrono::milliseconds(retry_interval) : look_interval;
            if (!behind) news_.wait_for(lock, patience, [&] { return stopping_ || (woken_ && !failing); });
            woken_ = false;
            if (stopping_) return;
        }
        if (applied_sequence_ >= journal_.last_sequence()) continue;
        const auto applied = apply_batch();
        if (!applied && !failing) {
            log_event(LogLevel::error, "views_behind", {{"error", applied.error().to_string()}});
        }
        failing = !applied;
    }
}

}  // namespace tianqu::sqlite
