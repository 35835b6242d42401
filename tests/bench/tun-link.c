/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A bad link between two network namespaces, over TUN: the kernel's own TCP at both ends, so that
 * loss, round trips, timeouts and congestion windows are real; only the wire is ours.
 *
 *   tun-link NAMESPACE NAMESPACE [--up KBIT] [--down KBIT] [--delay MS] [--jitter MS] [--loss %]
 *            [--queue BYTES] [--on S --off S --phase S] [--seed N]
 *
 * The first namespace gets 10.78.0.1 (the laptop), the second 10.78.0.2; up is from the first to
 * the second. Each packet waits for its turn at the link's rate, then for the delay and a part of
 * the jitter drawn for it; packets stay in order. With --on and --off the link is dark for OFF
 * seconds after each ON seconds, and everything sent meanwhile is lost; PHASE is where in that
 * schedule the laptop sends its first packet, so that it is the same however busy the machine was
 * before. Prints "ready", and at SIGTERM one line "name value" for each counter, and when the
 * laptop's first packet came (begun_us, monotonic). */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib-unix.h>
#include <linux/if_tun.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MTU 1400
#define IDLE_SECONDS 0.05

typedef struct
{
  double due; /* seconds, monotonic */
  gsize length;
  guint8 bytes[MTU];
} Packet;

/* One direction. */
typedef struct
{
  int in;
  int out;
  double rate;       /* bits a second; 0: as fast as can be */
  double free_at;    /* when the wire has sent what it has */
  double last_due;   /* packets do not overtake each other */
  double first;      /* when the first one came, lost or not */
  GQueue packets;    /* Packet, owned */
  gsize queued;      /* bytes */
  guint64 n_packets; /* that arrived */
  guint64 n_bytes;
  guint64 n_lost;
  guint64 n_overflows;
} Way;

static struct
{
  double up;
  double down;
  double delay;
  double jitter;
  double loss;
  int queue;
  double on;
  double off;
  double phase;
  int seed;
} link_options = { .queue = 32768, .seed = 1 };

static volatile sig_atomic_t stopped;

static void
on_signal (int number)
{
  stopped = 1;
}

static void
check (int result, const char *doing)
{
  if (result >= 0)
    return;
  fprintf (stderr, "tun-link: %s: %s\n", doing, g_strerror (errno));
  exit (1);
}

static double
now (void)
{
  return (double) g_get_monotonic_time () / G_USEC_PER_SEC;
}

/* Address, netmask, MTU and "up" of one interface. */
static void
configure (const char *name, const char *address)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = { 0 };
  struct sockaddr_in *internet = (struct sockaddr_in *) (void *) &request.ifr_addr;

  check (fd, "socket");
  g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);
  internet->sin_family = AF_INET;
  inet_pton (AF_INET, address, &internet->sin_addr);
  check (ioctl (fd, SIOCSIFADDR, &request), "setting the address");
  inet_pton (AF_INET, "255.255.255.0", &internet->sin_addr);
  check (ioctl (fd, SIOCSIFNETMASK, &request), "setting the netmask");
  request.ifr_mtu = MTU;
  check (ioctl (fd, SIOCSIFMTU, &request), "setting the MTU");
  for (guint i = 0; i < 2; i++)
    {
      g_strlcpy (request.ifr_name, i == 0 ? name : "lo", sizeof request.ifr_name);
      check (ioctl (fd, SIOCGIFFLAGS, &request), "reading the flags");
      request.ifr_flags |= IFF_UP | IFF_RUNNING;
      check (ioctl (fd, SIOCSIFFLAGS, &request), "bringing up");
    }
  close (fd);
}

/* Enters the namespace, for good: the next one is entered from here. */
static int
make_tun (const char *space, const char *name, const char *address)
{
  g_autofree char *path = g_build_filename ("/run/netns", space, NULL);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };

  check (fd, path);
  check (setns (fd, CLONE_NEWNET), "entering the namespace");
  close (fd);
  fd = open ("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  check (fd, "/dev/net/tun");
  g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);
  check (ioctl (fd, TUNSETIFF, &request), "TUNSETIFF");
  configure (name, address);
  return fd;
}

static gboolean
is_dark (double since_start)
{
  double period = link_options.on + link_options.off;
  double phase;

  if (link_options.off <= 0)
    return FALSE;
  phase = since_start - period * (double) (gint64) (since_start / period);
  return phase > link_options.on;
}

/* Takes what the sender's kernel gives: lost, or put on its way. */
static void
take (Way *way, GRand *chance, gboolean dark)
{
  for (;;)
    {
      Packet *packet = g_new (Packet, 1);
      ssize_t n = read (way->in, packet->bytes, sizeof packet->bytes);
      double time = now ();

      /* Router solicitations of IPv6 are none of the tests'. */
      if (n <= 0 || packet->bytes[0] >> 4 != 4)
        {
          g_free (packet);
          if (n <= 0)
            return;
          continue;
        }
      if (way->first <= 0)
        way->first = time;
      if (dark || g_rand_double (chance) < link_options.loss / 100)
        {
          way->n_lost++;
          g_free (packet);
          continue;
        }
      if (way->queued + (gsize) n > (gsize) link_options.queue)
        {
          way->n_overflows++;
          g_free (packet);
          continue;
        }
      way->free_at = MAX (way->free_at, time) + (way->rate > 0 ? (double) n * 8 / way->rate : 0);
      packet->length = (gsize) n;
      packet->due =
          way->free_at + (link_options.delay + link_options.jitter * g_rand_double (chance)) / 1000;
      packet->due = way->last_due = MAX (packet->due, way->last_due);
      way->queued += packet->length;
      g_queue_push_tail (&way->packets, packet);
    }
}

static void
deliver (Way *way)
{
  double time = now ();
  Packet *packet;

  while ((packet = g_queue_peek_head (&way->packets)) != NULL && packet->due <= time)
    {
      /* A kernel that has no room drops it, as a wire would. */
      if (write (way->out, packet->bytes, packet->length) == (ssize_t) packet->length)
        {
          way->n_packets++;
          way->n_bytes += packet->length;
        }
      way->queued -= packet->length;
      g_free (g_queue_pop_head (&way->packets));
    }
}

static double
time_to_next (const Way *way, double at_most)
{
  const Packet *packet = way->packets.head ? way->packets.head->data : NULL;

  return packet ? CLAMP (packet->due - now (), 0, at_most) : at_most;
}

static void
report (const char *name, const Way *way)
{
  printf ("%s_bytes %" G_GUINT64_FORMAT "\n%s_packets %" G_GUINT64_FORMAT
          "\n%s_lost %" G_GUINT64_FORMAT "\n%s_overflows %" G_GUINT64_FORMAT "\n",
          name, way->n_bytes, name, way->n_packets, name, way->n_lost, name, way->n_overflows);
}

static void
run (Way *up, Way *down)
{
  g_autoptr (GRand) chance = g_rand_new_with_seed ((guint32) link_options.seed);

  while (!stopped)
    {
      gboolean dark = is_dark ((up->first > 0 ? now () - up->first : 0) + link_options.phase);
      double wait;
      struct timespec time;
      struct pollfd fds[] = { { up->in, POLLIN, 0 }, { down->in, POLLIN, 0 } };

      take (up, chance, dark);
      take (down, chance, dark);
      deliver (up);
      deliver (down);
      wait = time_to_next (down, time_to_next (up, IDLE_SECONDS));
      time = (struct timespec){ 0, (long) (wait * 1e9) };
      if (ppoll (fds, G_N_ELEMENTS (fds), &time, NULL) < 0 && errno != EINTR)
        check (-1, "waiting");
    }
}

int
main (int argc, char *argv[])
{
  const GOptionEntry entries[] = {
    { "up", 0, 0, G_OPTION_ARG_DOUBLE, &link_options.up, "Rate up", "KBIT" },
    { "down", 0, 0, G_OPTION_ARG_DOUBLE, &link_options.down, "Rate down", "KBIT" },
    { "delay", 0, 0, G_OPTION_ARG_DOUBLE, &link_options.delay, "One way", "MS" },
    { "jitter", 0, 0, G_OPTION_ARG_DOUBLE, &link_options.jitter, "Added by chance", "MS" },
    { "loss", 0, 0, G_OPTION_ARG_DOUBLE, &link_options.loss, "Of packets, each way", "PERCENT" },
    { "queue", 0, 0, G_OPTION_ARG_INT, &link_options.queue, "Room each way", "BYTES" },
    { "on", 0, 0, G_OPTION_ARG_DOUBLE, &link_options.on, "Seconds with a link", "S" },
    { "off", 0, 0, G_OPTION_ARG_DOUBLE, &link_options.off, "Seconds without", "S" },
    { "phase", 0, 0, G_OPTION_ARG_DOUBLE, &link_options.phase, "Where it begins", "S" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &link_options.seed, "Of loss and jitter", "N" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("NAMESPACE NAMESPACE");
  g_autoptr (GError) error = NULL;
  struct sigaction action = { .sa_handler = on_signal };
  Way up = { 0 };
  Way down = { 0 };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 3)
    {
      fprintf (stderr, "tun-link: %s\n", error ? error->message : "two namespaces are expected");
      return 2;
    }
  up.in = down.out = make_tun (argv[1], "laptop", "10.78.0.1");
  up.out = down.in = make_tun (argv[2], "central", "10.78.0.2");
  up.rate = link_options.up * 1000;
  down.rate = link_options.down * 1000;
  sigaction (SIGTERM, &action, NULL);
  sigaction (SIGINT, &action, NULL);
  printf ("ready\n");
  fflush (stdout);
  run (&up, &down);
  printf ("begun_us %" G_GINT64_FORMAT "\n", (gint64) (up.first * G_USEC_PER_SEC));
  report ("up", &up);
  report ("down", &down);
  g_queue_clear_full (&up.packets, g_free);
  g_queue_clear_full (&down.packets, g_free);
  return 0;
}
