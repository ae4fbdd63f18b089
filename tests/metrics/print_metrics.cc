// Prints numbered values of a metric at a steady rate, each line written by itself, as a training program would:
//
//   print_metrics LINES_PER_SECOND SECONDS [IGNORED...]
//
// Line k is "<time of writing> loss=<k>", so that what was collected can be checked for order, loss and repetition.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cstring>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const long rate = ::atol(argv[1]), total = rate * ::atol(argv[2]);
  timespec start;
  ::clock_gettime(CLOCK_MONOTONIC, &start);
  for (long k = 0; k < total; ++k) {
    // Ten lines in a row, then a pause: one wake-up per line would be most of what is measured.
    if (k % 10 == 0) {
      timespec due = start;
      const long long nanoseconds = due.tv_nsec + k * 1'000'000'000LL / rate;
      due.tv_sec += nanoseconds / 1'000'000'000;
      due.tv_nsec = nanoseconds % 1'000'000'000;
      ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr);
    }
    timespec now;
    ::clock_gettime(CLOCK_REALTIME, &now);
    tm utc;
    ::gmtime_r(&now.tv_sec, &utc);
    char line[96];
    size_t length = ::strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &utc);
    length += ::snprintf(line + length, sizeof line - length, ".%09ldZ loss=%ld\n", now.tv_nsec, k);
    if (::write(STDOUT_FILENO, line, length) != static_cast<ssize_t>(length)) return 1;
  }
  return 0;
}
