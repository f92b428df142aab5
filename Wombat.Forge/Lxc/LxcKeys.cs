namespace Wombat.Forge.Lxc;

/// <summary>The SSH keys that Wombat manages in a container.</summary>
internal static class LxcKeys
{
    /// <summary>sshd reads this file in addition to authorized_keys, which belongs to the user.</summary>
    public const string FileName = "authorized_keys2";

    public const string Header = "# Managed by Wombat. Put your own keys in authorized_keys.";

    private const string Path = "/root/.ssh/" + FileName;

    // Written by a shell inside the container: root there may have created symbolic links that a write from the host would follow.
    private const string Script = $"umask 077 && mkdir -p /root/.ssh && printf '%s\\n' \"$@\" > {Path}.new && mv -f {Path}.new {Path}";

    /// <summary>Replaces the keys in a running container.</summary>
    /// <exception cref="ForgeException">Failed: the file cannot be written.</exception>
    public static async Task ReplaceAsync(string name, IReadOnlyList<string> sshKeys, LxcTools tools, CancellationToken cancel)
    {
        var exitCode = await tools.RunInsideAsync(name, ["/bin/sh", "-c", Script, "sh", Header, .. sshKeys], cancel);
        if (exitCode != 0)
        {
            throw new ForgeException(
                ExitCode.Failed,
                $"cannot write the SSH keys of {name}: the shell in the container exited with code {exitCode}; check whether the "
                    + "container's disk is full or read-only"
            );
        }
    }
}
