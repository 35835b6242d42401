/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "sync/client-private.h"

/* linux/tcp.h, unlike netinet/tcp.h, has the whole of struct tcp_info; the two do not go together,
 * so this is a file of its own. */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

void
plaza_socket_limit_unsent (int fd, guint bytes)
{
  if (setsockopt (fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes) != 0)
    g_debug ("TCP_NOTSENT_LOWAT is not available");
}

gboolean
plaza_socket_get_state (int fd, PlazaSocketState *out)
{
  struct tcp_info info = { 0 };
  socklen_t length = sizeof info;

  if (getsockopt (fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 ||
      length < offsetof (struct tcp_info, tcpi_notsent_bytes) + sizeof info.tcpi_notsent_bytes)
    return FALSE;
  out->acked = info.tcpi_bytes_acked;
  out->rtt_us = info.tcpi_rtt;
  out->out = info.tcpi_notsent_bytes == 0;
  out->idle = out->out && info.tcpi_unacked == 0;
  return TRUE;
}
