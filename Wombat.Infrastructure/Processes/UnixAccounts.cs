using System.Globalization;
using System.Runtime.InteropServices;

namespace Wombat.Infrastructure.Processes;

/// <summary>The accounts of this machine, and who owns files.</summary>
public static partial class UnixAccounts
{
    /// <summary>Whether Wombat runs as root and can switch accounts.</summary>
    public static bool IsRoot => GetEffectiveUserId() == 0;

    /// <summary>The account of this name in /etc/passwd; null if there is none.</summary>
    public static UnixUser? Find(string name)
    {
        var fields = File.ReadLines("/etc/passwd").Select(l => l.Split(':')).FirstOrDefault(f => f.Length > 3 && f[0] == name);
        return fields is null
            ? null
            : new UnixUser(uint.Parse(fields[2], CultureInfo.InvariantCulture), uint.Parse(fields[3], CultureInfo.InvariantCulture));
    }

    /// <summary>Changes the owner of a file or folder. Does not follow symbolic links.</summary>
    /// <exception cref="IOException">The kernel refuses it.</exception>
    public static void ChangeOwner(string path, uint uid, uint gid)
    {
        if (TryChangeOwner(path, uid, gid) is { } error)
        {
            throw new IOException($"Cannot change the owner of {path} (error {error}).");
        }
    }

    /// <summary>As <see cref="ChangeOwner"/>. Returns the number of the error; null if there was none.</summary>
    public static int? TryChangeOwner(string path, uint uid, uint gid) =>
        ChangeLinkOwner(path, uid, gid) == 0 ? null : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ChangeLinkOwner(string path, uint owner, uint group);
}
