using System.Globalization;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Postgres;

/// <summary>The account that runs PostgreSQL. PostgreSQL refuses to run as root, so as root an unprivileged account is used.</summary>
internal sealed record PostgresUser(uint Uid, uint Gid, bool SwitchesUser, bool NeedsSearch)
{
    private const string SetPriv = "/usr/bin/setpriv";

    public static async Task<PostgresUser> ChooseAsync(string home, string binaries, CancellationToken cancel)
    {
        if (!UnixAccounts.IsRoot)
        {
            return new PostgresUser(0, 0, SwitchesUser: false, NeedsSearch: false);
        }

        var own = UnixAccounts.Find("postgres");
        var (uid, gid) = own ?? UnixAccounts.Find("nobody") ?? new UnixUser(65534, 65534);
        var user = new PostgresUser(uid, gid, SwitchesUser: true, NeedsSearch: false);
        if (own is not null)
        {
            GrantTraversal(Path.GetDirectoryName(home)!, gid);
        }

        // For example a folder below /root, which the account cannot traverse.
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

    /// <summary>Makes the account the owner of a file or folder. Does not follow symbolic links.</summary>
    public void ChangeOwner(string path)
    {
        if (SwitchesUser)
        {
            UnixAccounts.ChangeOwner(path, Uid, Gid);
        }
    }

    /// <summary>Creates a folder, possibly in /tmp, that only the account can access.</summary>
    /// <exception cref="IOException">The path is a symbolic link.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder belongs to another account.</exception>
    public void CreatePrivateDirectory(string folder)
    {
        var made = Directory.CreateDirectory(folder);
        ChangeOwner(folder);
        if (made.LinkTarget is not null)
        {
            throw new IOException($"{folder} is a symbolic link; it must be a folder.");
        }

        made.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    }

    // The account needs to traverse the data directory to its folder. Other accounts get no access.
    private static void GrantTraversal(string dataDirectory, uint gid)
    {
        const UnixFileMode Mode = PrivateFiles.FolderMode | UnixFileMode.GroupExecute;
        var folder = new DirectoryInfo(dataDirectory);
        folder = folder.ResolveLinkTarget(returnFinalTarget: true) as DirectoryInfo ?? folder;
        if (
            folder.UnixFileMode is PrivateFiles.FolderMode or Mode
            && UnixAccounts.TryChangeOwner(folder.FullName, uint.MaxValue, gid) is null
        )
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

    private static string Text(uint id) => id.ToString(CultureInfo.InvariantCulture);
}
