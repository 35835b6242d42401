/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-sync"

#include "config.h"

#include "sync/delivery-private.h"

#include <glib/gi18n-lib.h>

#define KILO 1000u
#define MEGA (1000u * 1000)

static const char *
describe_problem (PlazaDeliveryProblem problem)
{
  switch (problem)
    {
    case PLAZA_DELIVERY_OFFLINE:
      return _ ("No connection; what waits is safe here and goes later");
    case PLAZA_DELIVERY_PORTAL:
      return _ ("This network is answering in the central's place; perhaps it asks to log in");
    case PLAZA_DELIVERY_CLOCK:
      return _ ("Check the date of this computer: it does not fit the central's");
    case PLAZA_DELIVERY_BUSY:
      return _ ("The central is busy; it will be tried again");
    case PLAZA_DELIVERY_TOKEN:
    case PLAZA_DELIVERY_REVOKED:
      return _ ("The central does not take this device any more; ask your coordinator");
    case PLAZA_DELIVERY_RECEIPT:
      return _ ("What came back was no receipt of the central; nothing was marked");
    case PLAZA_DELIVERY_LAPTOP:
      return _ ("This computer could not read or write its own data");
    case PLAZA_DELIVERY_METERED:
      return _ ("This network charges for what is sent; it waits for another one");
    case PLAZA_DELIVERY_BATTERY:
      return _ ("The battery is low; it waits until the laptop is plugged in");
    case PLAZA_DELIVERY_NO_PROBLEM:
    default:
      return NULL;
    }
}

/* "120 kB", "3.4 MB"; a kilobyte has 1000 bytes, as people's data plans have it. */
static char *
size_words (guint64 bytes)
{
  if (bytes >= MEGA)
    /* Translators: megabytes, e.g. "3.4 MB" */
    return g_strdup_printf (_ ("%.1f MB"), (double) bytes / MEGA);
  /* Translators: kilobytes, e.g. "120 kB" */
  return g_strdup_printf (_ ("%u kB"), (guint) ((bytes + KILO / 2) / KILO));
}

/* Rounded, because it is a guess. */
static char *
time_words (guint seconds)
{
  if (seconds < 60)
    {
      guint rounded = MAX ((seconds + 4) / 5 * 5, 5);
      return g_strdup_printf (ngettext ("%u second", "%u seconds", rounded), rounded);
    }
  if (seconds < 90 * 60)
    {
      guint minutes = (seconds + 30) / 60;
      return g_strdup_printf (ngettext ("%u minute", "%u minutes", minutes), minutes);
    }
  guint hours = (seconds + 1800) / 3600;
  return g_strdup_printf (ngettext ("%u hour", "%u hours", hours), hours);
}

/* "38 of 120 kB": the unit once when it is the same. */
static char *
part_words (guint64 done, guint64 total)
{
  g_autofree char *all = size_words (total);
  g_autofree char *part = size_words (done);

  if ((done >= MEGA) == (total >= MEGA))
    {
      g_autofree char *bare = done >= MEGA
                                  ? g_strdup_printf ("%.1f", (double) done / MEGA)
                                  : g_strdup_printf ("%u", (guint) ((done + KILO / 2) / KILO));
      /* Translators: how much is delivered of how much: "38 of 120 kB" */
      return g_strdup_printf (_ ("%s of %s"), bare, all);
    }
  return g_strdup_printf (_ ("%s of %s"), part, all);
}

static char *
describe_sending (PlazaDelivery *self)
{
  guint64 total = self->bytes_waiting + self->done_bytes;

  for (guint i = 0; i < PLAZA_DELIVERY_SLOTS; i++)
    total += self->slots[i].sent;
  if (total == 0)
    return g_strdup (_ ("Delivering"));

  g_autofree char *part = part_words (total - self->bytes_waiting, total);
  if (self->rate <= 0)
    return g_steal_pointer (&part);
  g_autofree char *rate = size_words ((guint64) self->rate);
  if (self->time_left == 0)
    /* Translators: "38 of 120 kB", then "4 kB" a second */
    return g_strdup_printf (_ ("%s · %s/s"), part, rate);
  g_autofree char *left = time_words (self->time_left);
  /* Translators: "38 of 120 kB", "4 kB" a second, then "20 seconds" */
  return g_strdup_printf (_ ("%s · %s/s · about %s"), part, rate, left);
}

char *
plaza_delivery_describe (PlazaDelivery *self)
{
  const char *problem = describe_problem (self->problem);

  if (problem)
    return g_strdup (problem);
  switch (self->state)
    {
    case PLAZA_DELIVERY_PACKING:
      return g_strdup (_ ("Sealing what waits"));
    case PLAZA_DELIVERY_SENDING:
      return describe_sending (self);
    case PLAZA_DELIVERY_IDLE:
      return g_strdup (self->set_aside ? _ ("Delivered, except what the central refused")
                                       : _ ("Everything is delivered"));
    case PLAZA_DELIVERY_WAITING:
      return g_strdup (self->paused ? _ ("Paused; what waits is safe here")
                                    : _ ("Waiting for the next try"));
    case PLAZA_DELIVERY_STOPPED:
    default:
      return g_strdup ("");
    }
}
