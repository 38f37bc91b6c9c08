#pragma once

#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include "adapters/sqlite/database.hpp"

namespace tianqu::sqlite {

/// Reading connections to one file, one for each thread that reads at the moment; a few idle ones are kept.
class ReaderPool {
public:
    explicit ReaderPool(DatabaseOptions options) : options_(std::move(options)) {
        options_.read_only = true;
        options_.create = false;
    }

    /// Runs `use(database)`, which returns a Result or Status, on a connection that nobody else uses meanwhile.
    template <class Use>
    [[nodiscard]] auto with(Use&& use) const -> std::invoke_result_t<Use, Database&> {
        auto database = take();
        if (!database) return fail(database.error());
        auto result = use(*database);
        give_back(std::move(*database));
        return result;
    }

private:
    static constexpr std::size_t idle_limit = 4;

    [[nodiscard]] Result<Database> take() const {
        {
            const std::scoped_lock lock(mutex_);
            if (!idle_.empty()) {
                auto database = std::move(idle_.back());
                idle_.pop_back();
                return database;
            }
        }
        return Database::open(options_);
    }
    void give_back(Database database) const {
        const std::scoped_lock lock(mutex_);
        if (idle_.size() < idle_limit) idle_.push_back(std::move(database));
    }

    DatabaseOptions options_;
    mutable std::mutex mutex_;
    mutable std::vector<Database> idle_;
};

}  // namespace tianqu::sqlite
