// How much of the write-ahead log is in the database's file already, and who moves the next part.
//
// While others write, a checkpoint never ends: when it is through, the log is longer. And only a
// log that was moved to its last page begins anew. So most of it is moved beside the writer, in
// passes that get shorter and shorter, and the writer moves the small rest between two commits.
#pragma once

#include <cstdint>

namespace ringback::sqlite {

class LogProgress {
 public:
  static constexpr int kPass = 2'048;  // pages that are worth a pass
  static constexpr int kLong = 8'192;  // pages, 32 MiB: the log should begin anew
  static constexpr int kRest = 2'048;  // pages that the writer moves, some milliseconds

  // After a commit: the log's length, which is short again once it has begun anew.
  void committed(int pages) {
    if (pages < pages_) {
      ++log_;
      moved_ = 0;
      next_try_ = 0;
      next_pass_ = 0;
    }
    pages_ = pages;
  }

  bool wants_pass() const {
    const int rest = pages_ - moved_;
    return pages_ >= next_pass_ && (pages_ < kLong ? rest >= kPass : rest > kRest);
  }
  bool has_rest() const { return pages_ > moved_; }
  // Between two commits, on the writer's thread.
  bool wants_last_pages() const {
    return pages_ >= kLong && pages_ >= next_try_ && pages_ - moved_ <= kRest;
  }
  // Somebody who reads may hold the log as it is: not after each commit again.
  void tried_last_pages() { next_try_ = pages_ + kPass; }

  // Of which log a pass tells; it may have begun anew meanwhile.
  std::int64_t log() const { return log_; }
  // All pages of that log that are in the file now; none if the pass failed. One that came no
  // further (the disk is full, somebody reads) is not made again before the log has grown.
  void moved(std::int64_t log, int pages) {
    if (log != log_) return;
    if (pages <= moved_)
      next_pass_ = pages_ + kPass;
    else
      moved_ = pages;
  }

 private:
  int pages_ = 0;
  int moved_ = 0;
  int next_try_ = 0;
  int next_pass_ = 0;
  std::int64_t log_ = 0;
};

}  // namespace ringback::sqlite
