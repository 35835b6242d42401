/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** How a stick fails; the calls of this process that concern it are answered so. */
typedef enum
{
  BAD_STICK_SOUND,
  BAD_STICK_PULLED,    /* every call says EIO, as a file system whose device is gone does */
  BAD_STICK_NO_DEVICE, /* every call says ENODEV */
  BAD_STICK_SECTOR,    /* one read of a file or a folder says EIO, then all is well */
  BAD_STICK_FULL,      /* what makes or fills a file or folder says ENOSPC */
  BAD_STICK_NO_ROOM,   /* it says beforehand that 100 kB are free */
  BAD_STICK_LIES,      /* it keeps other bytes than it was given */
  BAD_STICK_KILLED,    /* the process dies, as if the laptop's power failed */
} BadStick;

/** bad_stick_set: what is below @folder fails in the way of @how, after @calls calls that go well;
 * of BAD_STICK_SECTOR and _FULL only those count that may fail. @folder NULL: all is well. */
void bad_stick_set (const char *folder, BadStick how, guint calls);

/** bad_stick_failed: whether a call has failed since. */
gboolean bad_stick_failed (void);

G_END_DECLS
