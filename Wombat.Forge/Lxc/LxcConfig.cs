namespace Wombat.Forge.Lxc;

/// <summary>The configuration file of one container.</summary>
internal static class LxcConfig
{
    private const string HostnameKey = "lxc.uts.name = ";

    // What common.seccomp of lxc refuses, and in addition new user namespaces: their owner would have all capabilities in them.
    private static readonly string[] Seccomp =
    [
        "2",
        "denylist",
        "reject_force_umount",
        "[all]",
        "kexec_load errno 1",
        "open_by_handle_at errno 1",
        "init_module errno 1",
        "finit_module errno 1",
        "delete_module errno 1",
        // Dropping the capability is not enough where kernel.dmesg_restrict is 0.
        "syslog errno 1",
        "unshare errno 1 [0,268435456,SCMP_CMP_MASKED_EQ,268435456]",
        "clone errno 1 [0,268435456,SCMP_CMP_MASKED_EQ,268435456]",
        // seccomp cannot read the flags of clone3; without it the C library uses clone.
        "clone3 errno 38",
    ];

    /// <summary>Writes the profile of system calls if it is missing or of an earlier version.</summary>
    public static void WriteSeccompProfile(string file)
    {
        if (!File.Exists(file) || !File.ReadAllLines(file).SequenceEqual(Seccomp))
        {
            var temporary = $"{file}.{Environment.ProcessId}.new";
            Infrastructure.Processes.PrivateFiles.Write(temporary, string.Join('\n', Seccomp) + "\n");
            File.Move(temporary, file, overwrite: true);
        }
    }

    /// <summary>Writes the file. lxc regards a folder without it as no container, so it is written last.</summary>
    /// <param name="path">The folder of the containers as the container reaches it.</param>
    /// <param name="isBusybox">Whether init is BusyBox, which stops on other signals than systemd and mounts nothing.</param>
    /// <param name="networkFile">The configuration of its network, which is written before each start.</param>
    /// <param name="environment">The environment variables of init.</param>
    public static void Write(
        string path,
        string name,
        string hostname,
        IdRange ids,
        bool isBusybox,
        string networkFile,
        IReadOnlyDictionary<string, string> environment
    )
    {
        var folder = Path.Combine(path, name);
        string[] lines =
        [
            "lxc.include = /usr/share/lxc/config/common.conf",
            "lxc.include = /usr/share/lxc/config/userns.conf",
            $"lxc.idmap = u 0 {ids.FirstText} {IdRange.Size}",
            $"lxc.idmap = g 0 {ids.FirstText} {IdRange.Size}",
            "lxc.cap.drop = mac_admin mac_override sys_time sys_module sys_rawio syslog",
            $"lxc.seccomp.profile = {Path.Combine(path, ".forge", "seccomp")}",
            "lxc.tty.max = 0",
            "lxc.mount.auto = proc:mixed sys:mixed cgroup:mixed",
            $"lxc.rootfs.path = dir:{Path.Combine(folder, "rootfs")}",
            HostnameKey + hostname,
            .. isBusybox ? Busybox : [],
            .. LxcEnvironment.ConfigOf(environment),
            // Bounded: root inside the container can write any amount to the console.
            $"lxc.console.logfile = {Path.Combine(folder, "console.log")}",
            "lxc.console.size = 1MB",
            "lxc.console.rotate = 1",
            $"lxc.include = {networkFile}",
        ];
        Infrastructure.Processes.PrivateFiles.Write(Path.Combine(folder, "config"), string.Join('\n', lines) + "\n");
    }

    /// <summary>Changes the host name with which the container starts.</summary>
    public static void SetHostname(string folder, string hostname)
    {
        var file = Path.Combine(folder, "config");
        var lines = File.ReadAllLines(file).Select(l => l.StartsWith(HostnameKey, StringComparison.Ordinal) ? HostnameKey + hostname : l);
        Infrastructure.Processes.PrivateFiles.Replace(file, string.Join('\n', lines) + "\n");
    }

    private static string[] Busybox =>
        [
            "lxc.signal.halt = SIGUSR1",
            "lxc.signal.reboot = SIGTERM",
            "lxc.mount.entry = shm dev/shm tmpfs rw,nosuid,nodev,mode=1777,create=dir 0 0",
        ];
}
