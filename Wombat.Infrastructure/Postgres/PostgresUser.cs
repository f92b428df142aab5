using System.Globalization;
using System.Runtime.InteropServices;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Postgres;

/// <summary>Who runs PostgreSQL: it refuses root, so as root an unprivileged account does; else Wombat's own.</summary>
internal sealed partial record PostgresUser(uint Uid, uint Gid, bool SwitchesUser, bool NeedsSearch)
{
    private const string SetPriv = "/usr/bin/setpriv";

    public static async Task<PostgresUser> ChooseAsync(string home, string binaries, CancellationToken cancel)
    {
        if (GetEffectiveUserId() != 0)
        {
            return new PostgresUser(0, 0, SwitchesUser: false, NeedsSearch: false);
        }

        var own = Lookup("postgres");
        var (uid, gid) = own ?? Lookup("nobody") ?? (65534, 65534);
        var user = new PostgresUser(uid, gid, SwitchesUser: true, NeedsSearch: false);
        if (own is not null)
        {
            LetPass(Path.GetDirectoryName(home)!, gid);
        }

        // A folder below /root, say, which that account may not pass through.
        return await user.CanReachAsync(home, cancel) && await user.CanReachAsync(binaries, cancel)
            ? user
            : user with
            {
                NeedsSearch = true,
            };
    }

    public (string Program, IReadOnlyList<string> Arguments) Wrap(string program, IReadOnlyList<string> arguments)
    {
        if (!SwitchesUser)
        {
            return (program, arguments);
        }

        string[] search = NeedsSearch ? ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"] : [];
        return (SetPriv, [$"--reuid={Text(Uid)}", $"--regid={Text(Gid)}", "--clear-groups", .. search, "--", program, .. arguments]);
    }

    /// <summary>Makes the account the owner of a folder or file of ours; of a link itself, not of what it leads to.</summary>
    public void ChangeOwner(string path)
    {
        if (SwitchesUser && ChangeOwner(path, Uid, Gid) != 0)
        {
            throw new IOException($"The owner of {path} cannot be changed (error {Marshal.GetLastPInvokeError()}).");
        }
    }

    /// <summary>Makes a folder, which may lie among strangers' in /tmp, and lets that account alone into it.</summary>
    /// <exception cref="IOException">Somebody has laid a link there.</exception>
    /// <exception cref="UnauthorizedAccessException">It is somebody else's.</exception>
    public void CreatePrivateDirectory(string folder)
    {
        var made = Directory.CreateDirectory(folder);
        ChangeOwner(folder);
        if (made.LinkTarget is not null)
        {
            throw new IOException($"{folder} is a link; it must be a folder of Wombat's own.");
        }

        made.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    }

    // Through the data directory to its own folder in it; all other accounts stay outside.
    private static void LetPass(string dataDirectory, uint gid)
    {
        const UnixFileMode Mode = PrivateFiles.FolderMode | UnixFileMode.GroupExecute;
        var folder = new DirectoryInfo(dataDirectory);
        folder = folder.ResolveLinkTarget(returnFinalTarget: true) as DirectoryInfo ?? folder;
        if (folder.UnixFileMode is PrivateFiles.FolderMode or Mode && ChangeOwner(folder.FullName, uint.MaxValue, gid) == 0)
        {
            folder.UnixFileMode = Mode;
        }
    }

    private async Task<bool> CanReachAsync(string path, CancellationToken cancel)
    {
        var (program, arguments) = Wrap("/usr/bin/test", ["-x", path]);
        return (
                await ChildProcess.RunAsync(
                    new ChildCommand(program, arguments, TimeSpan.FromSeconds(10)) { WorkingDirectory = "/" },
                    cancel
                )
            ).ExitCode == 0;
    }

    private static (uint Uid, uint Gid)? Lookup(string name)
    {
        var fields = File.ReadLines("/etc/passwd").Select(l => l.Split(':')).FirstOrDefault(f => f.Length > 3 && f[0] == name);
        return fields is null
            ? null
            : (uint.Parse(fields[2], CultureInfo.InvariantCulture), uint.Parse(fields[3], CultureInfo.InvariantCulture));
    }

    private static string Text(uint id) => id.ToString(CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ChangeOwner(string path, uint owner, uint group);
}
