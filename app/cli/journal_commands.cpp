#include "app/cli/journal_commands.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>

#include "access/events.hpp"
#include "access/state.hpp"
#include "adapters/sqlite/data_directory.hpp"
#include "adapters/sqlite/views.hpp"
#include "app/server/access_part.hpp"
#include "app/server/event_log.hpp"
#include "app/server/snapshot.hpp"
#include "base/json_writer.hpp"
#include "base/record.hpp"
#include "charging/state.hpp"

namespace tianqu::cli {

namespace {

using sqlite::DataDirectory;
using sqlite::DirectoryUse;
using sqlite::SqliteViews;

JournalExit refuse(const Error& error, std::ostream& out, JournalExit exit) {
    out << "错误 error: " << error.to_string() << '\n';
    return exit;
}

/// Everything the journal folds into, as a start of the server makes it.
struct Restored {
    charging::State charging;
    server::AccessPart access;
    std::int64_t events = 0;
};

Status fold(Restored& restored, const ports::EventRecord& record) {
    ++restored.events;
    if (restored.access.fold(record)) return {};
    auto event = server::to_event(record);
    if (!event) return fail(Error(event.error()).with("sequence", std::to_string(record.sequence)));
    charging::apply(restored.charging, *event, record.sequence);
    return {};
}

Status fold_events(Restored& restored, const ports::Journal& journal, std::int64_t from, std::int64_t until) {
    Status folded;
    const auto read = journal.read(from, [&](const ports::EventRecord& record) {
        if (record.sequence > until) return false;
        folded = fold(restored, record);
        return folded.has_value();
    });
    return read ? folded : read;
}

/// The state in the last snapshot and the sequence it follows; a fresh one and 0 when nothing was sealed yet.
Result<std::pair<Restored, std::int64_t>> decode_snapshot(const ports::Journal& journal) {
    const auto snapshot = journal.latest_snapshot();
    if (!snapshot) return fail(snapshot.error());
    Restored restored;
    if (!*snapshot) return std::pair{std::move(restored), std::int64_t{0}};
    const auto record = decode_record<server::SnapshotRecord>((*snapshot)->bytes);
    if (!record) return fail(record.error());
    auto state = charging::decode_state(record->charging);
    if (!state) return fail(state.error());
    restored.charging = std::move(*state);
    if (auto access = restored.access.decode(record->access); !access) return fail(access.error());
    return std::pair{std::move(restored), (*snapshot)->last_sequence};
}

/// A snapshot that a replay of its events does not give would make a restart forget or invent something.
Status check_snapshot(const ports::Journal& journal) {
    const auto kept = decode_snapshot(journal);
    if (!kept) return fail(kept.error());
    const auto& [state, last] = *kept;
    if (last == 0) return {};
    Restored replayed;
    if (auto folded = fold_events(replayed, journal, 1, last); !folded) return folded;
    if (charging::encode_state(replayed.charging) == charging::encode_state(state.charging) &&
        replayed.access.encode() == state.access.encode()) {
        return {};
    }
    return fail(Error{ErrorCode::corrupt,
                      "the snapshot after event " + std::to_string(last) + " is not what its events give",
                      {{"sequence", std::to_string(last)}}});
}

/// Opens the views, lets them take in what is missing, and compares them with fresh ones.
Result<std::optional<std::string>> compare_with_rebuild(const DataDirectory& directory) {
    const auto fresh_path = directory.path() / "views.verify.db";
    sqlite::remove_database_files(fresh_path);
    struct Remove {
        std::filesystem::path path;
        ~Remove() { sqlite::remove_database_files(path); }
    } const remove{fresh_path};
    {
        auto views = SqliteViews::open({.path = directory.views_path(), .background = false}, directory.journal());
        if (!views) return fail(views.error());
        if (auto caught_up = (*views)->catch_up(); !caught_up) return fail(caught_up.error());
        auto fresh =
            SqliteViews::open({.path = fresh_path, .background = false, .durable = false}, directory.journal());
        if (!fresh) return fail(fresh.error());
        if (auto caught_up = (*fresh)->catch_up(); !caught_up) return fail(caught_up.error());
    }
    return sqlite::compare_views(directory.views_path(), fresh_path);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void print_speed(std::ostream& out, std::string_view what, std::int64_t events, double seconds) {
    const auto milliseconds = static_cast<std::int64_t>(seconds * 1000);
    out << what << ": " << events << " 个事件 events, " << format_decimal(milliseconds, 3) << " s";
    if (seconds > 0)
        out << ", " << static_cast<std::int64_t>(static_cast<double>(events) / seconds) << " 个/秒 events/s";
    out << '\n';
}

void write_body(JsonWriter& json, const ports::EventRecord& record) {
    if (!charging::event_name(record.type).empty()) {
        json.field("name", charging::event_name(record.type));
        const auto body = charging::decode_body(record.type, record.payload);
        if (body)
            json.key("body").raw(charging::body_to_json(*body));
        else
            json.field("error", body.error().to_string());
    } else if (!access::event_name(record.type).empty()) {
        json.field("name", access::event_name(record.type));
        const auto body = access::decode_body(record.type, record.payload);
        if (body)
            json.key("body").raw(access::body_to_json(*body));
        else
            json.field("error", body.error().to_string());
    } else {
        json.field("error", "an event of a newer release");
    }
}

std::string event_json(const ports::EventRecord& record) {
    JsonWriter json;
    json.begin_object().field("sequence", record.sequence).field("type", std::int64_t{record.type});
    json.field("tenant", record.tenant.value).field("principal", record.principal.value);
    json.field("received", format_time(record.received)).key("claimed");
    if (record.claimed)
        json.text(format_time(*record.claimed));
    else
        json.null();
    json.field("reason", record.reason);
    write_body(json, record);
    json.end_object();
    return json.take();
}

}  // namespace

JournalExit run_journal_verify(const std::filesystem::path& path, std::ostream& out) {
    const auto directory = DataDirectory::open({.path = path, .use = DirectoryUse::as_found});
    if (!directory) {
        const bool damaged = directory.error().code == ErrorCode::corrupt;
        return refuse(directory.error(), out, damaged ? JournalExit::wrong : JournalExit::cannot_open);
    }
    const auto report = directory->journal().verify();
    if (!report) return refuse(report.error(), out, JournalExit::wrong);
    out << "日志完好 journal: " << report->events << " 个事件 events, " << report->segments
        << " 段 segments, 哈希 hash " << to_hex(report->last_hash) << '\n';
    if (auto snapshot = check_snapshot(directory->journal()); !snapshot) {
        return refuse(snapshot.error(), out, JournalExit::wrong);
    }
    out << "快照与重放一致 the snapshot equals a replay\n";
    const auto difference = compare_with_rebuild(*directory);
    if (!difference) return refuse(difference.error(), out, JournalExit::wrong);
    if (*difference) {
        out << "视图与重建不一致 the views differ from a rebuild: " << **difference
            << "\n可用 tianqu journal rebuild 重建 make them anew with: tianqu journal rebuild " << path.string()
            << '\n';
        return JournalExit::wrong;
    }
    out << "视图与重建一致 the views equal a rebuild\n";
    return JournalExit::good;
}

JournalExit run_journal_rebuild(const std::filesystem::path& path, std::ostream& out) {
    const auto directory = DataDirectory::open({.path = path, .use = DirectoryUse::as_found});
    if (!directory) return refuse(directory.error(), out, JournalExit::cannot_open);
    const auto& journal = directory->journal();

    auto start = std::chrono::steady_clock::now();
    auto restored = decode_snapshot(journal);
    if (!restored) return refuse(restored.error(), out, JournalExit::wrong);
    auto& [state, snapshot_sequence] = *restored;
    if (auto folded = fold_events(state, journal, snapshot_sequence + 1, journal.last_sequence()); !folded) {
        return refuse(folded.error(), out, JournalExit::wrong);
    }
    out << "快照之后 after the snapshot of event " << snapshot_sequence << '\n';
    print_speed(out, "状态 state", state.events, seconds_since(start));

    start = std::chrono::steady_clock::now();
    sqlite::remove_database_files(directory->views_path());
    const auto views = SqliteViews::open({.path = directory->views_path(), .background = false}, journal);
    if (!views) return refuse(views.error(), out, JournalExit::wrong);
    if (auto caught_up = (*views)->catch_up(); !caught_up) return refuse(caught_up.error(), out, JournalExit::wrong);
    print_speed(out, "视图 views", journal.last_sequence(), seconds_since(start));
    return JournalExit::good;
}

JournalExit run_journal_show(const JournalShowOptions& options, std::ostream& out) {
    const auto file = DataDirectory::journal_path(options.directory);
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        const auto name = options.directory.string();
        return refuse({ErrorCode::not_found, name + " is not a data directory of Tianqu: it has no journal.db", {}},
                      out, JournalExit::cannot_open);
    }
    const auto journal = sqlite::SqliteJournal::open({.path = file, .read_only = true});
    if (!journal) return refuse(journal.error(), out, JournalExit::cannot_open);
    const auto from =
        options.last ? std::max<std::int64_t>(1, (*journal)->last_sequence() - *options.last + 1) : options.from;
    std::int64_t shown = 0;
    const auto read = (*journal)->read(from, [&](const ports::EventRecord& record) {
        if (options.count && shown >= *options.count) return false;
        out << event_json(record) << '\n';
        ++shown;
        return out.good();
    });
    if (!read) return refuse(read.error(), out, JournalExit::wrong);
    return JournalExit::good;
}

namespace {

void end_with(JournalExit exit) {
    if (exit != JournalExit::good) throw CLI::RuntimeError(static_cast<int>(exit));
}

CLI::App* add_directory_command(CLI::App& parent, const char* name, const char* help,
                                std::filesystem::path& directory) {
    auto* command = parent.add_subcommand(name, help);
    command->add_option("DIR", directory, "数据目录 the data directory (serve --data)")->required();
    return command;
}

}  // namespace

void add_journal_commands(CLI::App& app) {
    auto* journal = app.add_subcommand("journal", "事件日志：校验、重建、查看 the journal: verify, rebuild, show");
    journal->require_subcommand(1);
    auto options = std::make_shared<JournalShowOptions>();
    auto count = std::make_shared<std::int64_t>(20);

    add_directory_command(*journal, "verify",
                          "校验序号、哈希链、快照和视图 check sequence, hash chain, snapshot and views",
                          options->directory)
        ->callback([options] { end_with(run_journal_verify(options->directory, std::cout)); });
    add_directory_command(*journal, "rebuild", "由日志重建视图和状态 make views and state anew from the journal",
                          options->directory)
        ->callback([options] { end_with(run_journal_rebuild(options->directory, std::cout)); });
    auto* show =
        add_directory_command(*journal, "show", "以 JSON 列出事件 print events as JSON lines", options->directory);
    show->add_option("--from", options->from, "起始序号 first sequence")->check(CLI::PositiveNumber);
    show->add_option("--count", options->count, "最多条数 at most so many events")->check(CLI::PositiveNumber);
    show->callback([options] { end_with(run_journal_show(*options, std::cout)); });
    auto* tail = add_directory_command(*journal, "tail", "列出最后的事件 print the last events", options->directory);
    tail->add_option("-n,--lines", *count, "条数 how many")->check(CLI::PositiveNumber);
    tail->callback([options, count] {
        options->last = *count;
        end_with(run_journal_show(*options, std::cout));
    });
}

}  // namespace tianqu::cli
