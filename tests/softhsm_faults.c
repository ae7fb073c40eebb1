// SPDX-FileCopyrightText: The vcred authors
// SPDX-License-Identifier: Apache-2.0
// A PKCS #11 library around SoftHSM 2 that fails when a file in the folder TOKEN_FAULTS says so.

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY "/usr/lib/softhsm/libsofthsm2.so"
#define FUNCTIONS 68
// Places in CK_FUNCTION_LIST, counted from C_Initialize.
#define GET_FUNCTION_LIST 3
#define LOGIN 18
#define SIGN_INIT 42
#define SIGN 43

#define SESSION_HANDLE_INVALID 0xB3UL
#define PIN_LOCKED 0xA4UL
#define GENERAL_ERROR 0x5UL
#define DEVICE_MEMORY 0x31UL

typedef unsigned long rv;

struct list {
    unsigned char version[2];
    void *functions[FUNCTIONS];
};

static struct list ours;
static struct list *theirs;

static const char *place(const char *name, char *path, size_t size) {
    const char *folder = getenv("TOKEN_FAULTS");
    snprintf(path, size, "%s/%s", folder ? folder : "/nowhere", name);
    return path;
}

static int told(const char *name) {
    char path[4096];
    return access(place(name, path, sizeof path), F_OK) == 0;
}

static rv login(unsigned long session, unsigned long user, unsigned char *pin, unsigned long size) {
    if (told("locked"))
        return PIN_LOCKED;
    return ((rv(*)(unsigned long, unsigned long, unsigned char *, unsigned long))theirs->functions[LOGIN])(
        session, user, pin, size);
}

static rv sign_init(unsigned long session, void *mechanism, unsigned long key) {
    char path[4096];
    if (told("lost"))
        return SESSION_HANDLE_INVALID;
    if (unlink(place("lost-once", path, sizeof path)) == 0)
        return SESSION_HANDLE_INVALID;
    if (told("full"))
        return DEVICE_MEMORY;
    return ((rv(*)(unsigned long, void *, unsigned long))theirs->functions[SIGN_INIT])(session, mechanism, key);
}

static rv sign(unsigned long session, void *data, unsigned long size, void *out, unsigned long *out_size) {
    while (told("slow"))
        usleep(5000);
    return ((rv(*)(unsigned long, void *, unsigned long, void *, unsigned long *))theirs->functions[SIGN])(
        session, data, size, out, out_size);
}

rv C_GetFunctionList(struct list **out) {
    if (theirs == NULL) {
        void *library = dlopen(LIBRARY, RTLD_NOW);
        rv (*get)(struct list **) = library ? (rv(*)(struct list **))dlsym(library, "C_GetFunctionList") : NULL;
        if (get == NULL || get(&theirs) != 0)
            return GENERAL_ERROR;
        memcpy(&ours, theirs, sizeof ours);
        ours.functions[GET_FUNCTION_LIST] = (void *)C_GetFunctionList;
        ours.functions[LOGIN] = (void *)login;
        ours.functions[SIGN_INIT] = (void *)sign_init;
        ours.functions[SIGN] = (void *)sign;
    }
    *out = &ours;
    return 0;
}
