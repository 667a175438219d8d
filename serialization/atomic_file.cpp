// SPDX-License-Identifier: Apache-2.0
#include <assay/core/file_descriptor.h>
#include <assay/serialization/atomic_file.h>
#include <c10/util/Exception.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace assay::serialization {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporaryMark = ".assay-tmp-";

// Leaves room for the mark and two numbers below the 255 bytes that file systems allow.
constexpr std::size_t kLongestBorrowedName = 200;

constexpr std::size_t kPiecesPerCall = 256;

[[noreturn]] void fail(const fs::path& path, std::string_view step, int error) {
  TORCH_CHECK(false, "cannot write '", path.string(), "': ", step, ": ",
              std::generic_category().message(error));
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

struct Target {
  fs::path path;
  std::optional<mode_t> permissions;  // of the file that is replaced
};

// A rename would put the new file in the place of whatever stands there, /dev/null included.
Target find_target(const fs::path& path) {
  std::error_code error;
  const bool is_link = fs::is_symlink(fs::symlink_status(path, error));
  Target target{is_link ? fs::canonical(path, error) : path, std::nullopt};
  if (is_link && error) {
    fail(path, "following the symbolic link", error.value());
  }
  struct stat found {};
  if (::stat(target.path.c_str(), &found) == 0) {
    TORCH_CHECK(S_ISREG(found.st_mode), "cannot write '", path.string(),
                "': something other than a regular file stands there");
    target.permissions = found.st_mode & 07777;
  } else if (errno != ENOENT) {
    fail(path, "looking at the old file", errno);
  }
  return target;
}

fs::path next_temporary_name(const fs::path& target) {
  static std::atomic<unsigned> counter{0};
  std::string name = target.filename().string().substr(0, kLongestBorrowedName);
  name = "." + name + std::string(kTemporaryMark) + std::to_string(::getpid()) + "-" +
         std::to_string(counter++);
  return folder_of(target) / name;
}

// True also where the file system has no locks: remove_stale_temporaries gets none there either.
bool lock_or_no_locks_here(int fd) {
  int result = 0;
  do {
    result = ::flock(fd, LOCK_EX);
  } while (result != 0 && errno == EINTR);
  return result == 0 || errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS ||
         errno == EINVAL;
}

bool still_has_a_name(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && status.st_nlink > 0;
}

void skip_written(std::span<iovec>& rest, std::size_t written) {
  while (!rest.empty() && written >= rest.front().iov_len) {
    written -= rest.front().iov_len;
    rest = rest.subspan(1);
  }
  if (written > 0) {
    rest.front().iov_base = static_cast<char*>(rest.front().iov_base) + written;
    rest.front().iov_len -= written;
  }
}

bool are_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_temporary_name(std::string_view name) {
  const std::size_t mark = name.rfind(kTemporaryMark);
  if (!name.starts_with('.') || mark == std::string_view::npos) {
    return false;
  }
  const std::string_view numbers = name.substr(mark + kTemporaryMark.size());
  const std::size_t dash = numbers.find('-');
  return dash != std::string_view::npos && are_digits(numbers.substr(0, dash)) &&
         are_digits(numbers.substr(dash + 1));
}

bool remove_if_stale(const fs::path& name) {
  const FileDescriptor file(::open(name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open() || ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return false;
  }
  if (::unlink(name.c_str()) == 0) {
    return true;
  }
  TORCH_CHECK(errno == ENOENT, "cannot remove the stale temporary file '", name.string(),
              "': ", std::generic_category().message(errno));
  return false;
}

}  // namespace

// The temporary file while it has its name: the destructor removes it, unless it was renamed.
class AtomicFile::Temporary {
 public:
  explicit Temporary(Target target) : target_(std::move(target)) {}

  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  ~Temporary() {
    if (!name_.empty()) {
      ::unlink(name_.c_str());
    }
  }

  void create() {
    // Now, so that a folder that cannot be opened is an error before anything is replaced.
    folder_ =
        FileDescriptor(::open(folder_of(target_.path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder_.is_open()) {
      fail(target_.path, "opening its folder", errno);
    }
    while (!try_to_create()) {
    }
  }

  void write(std::span<const Bytes> pieces) {
    std::vector<iovec> vectors;
    vectors.reserve(pieces.size());
    for (const Bytes piece : pieces) {
      vectors.push_back({const_cast<std::byte*>(piece.data()), piece.size()});
    }
    std::span<iovec> rest(vectors);
    skip_written(rest, 0);
    while (!rest.empty()) {
      const int count = static_cast<int>(std::min(rest.size(), kPiecesPerCall));
      const ssize_t written = ::writev(file_.get(), rest.data(), count);
      if (written >= 0) {
        skip_written(rest, static_cast<std::size_t>(written));
      } else if (errno != EINTR) {
        fail(target_.path, "writing", errno);
      }
    }
  }

  void take_the_place_of_the_target() {
    if (::fsync(file_.get()) != 0) {
      fail(target_.path, "flushing to the disk", errno);
    }
    // Not closed before: the lock must last as long as the name.
    if (::rename(name_.c_str(), target_.path.c_str()) != 0) {
      fail(target_.path, "renaming the temporary file", errno);
    }
    name_.clear();
    // EINVAL: a file system that has nothing to flush for a folder.
    if (::fsync(folder_.get()) != 0 && errno != EINVAL) {
      fail(target_.path, "flushing its folder to the disk", errno);
    }
  }

 private:
  // False where the name was taken, or where a cleaner removed the file before it was locked.
  bool try_to_create() {
    fs::path name = next_temporary_name(target_.path);
    const mode_t mode = target_.permissions.value_or(0666);
    file_ = FileDescriptor(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!file_.is_open()) {
      if (errno == EEXIST) {
        return false;
      }
      fail(target_.path, "creating a temporary file beside it", errno);
    }
    name_ = std::move(name);
    if (!lock_or_no_locks_here(file_.get())) {
      fail(target_.path, "locking the temporary file", errno);
    }
    if (!still_has_a_name(file_.get())) {
      name_.clear();
      return false;
    }
    if (target_.permissions) {
      // Gives back what the umask took; where it cannot, the file is only more private.
      (void)!::fchmod(file_.get(), mode);
    }
    return true;
  }

  Target target_;
  fs::path name_;
  FileDescriptor folder_;
  FileDescriptor file_;
};

AtomicFile::AtomicFile(const fs::path& path)
    : temporary_(std::make_unique<Temporary>(find_target(path))) {
  temporary_->create();
}
AtomicFile::AtomicFile(AtomicFile&&) noexcept = default;
AtomicFile& AtomicFile::operator=(AtomicFile&&) noexcept = default;
AtomicFile::~AtomicFile() = default;

void AtomicFile::write(std::span<const Bytes> pieces) { temporary_->write(pieces); }

void AtomicFile::commit() { temporary_->take_the_place_of_the_target(); }

void write_file_atomically(const fs::path& path, std::span<const Bytes> pieces) {
  AtomicFile file(path);
  file.write(pieces);
  file.commit();
}

std::size_t remove_stale_temporaries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> candidates;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (is_temporary_name(entry->path().filename().string())) {
      candidates.push_back(entry->path());
    }
  }
  TORCH_CHECK(!error || error == std::errc::no_such_file_or_directory, "cannot read the folder '",
              folder.string(), "': ", error.message());
  return static_cast<std::size_t>(
      std::count_if(candidates.begin(), candidates.end(), remove_if_stale));
}

}  // namespace assay::serialization
