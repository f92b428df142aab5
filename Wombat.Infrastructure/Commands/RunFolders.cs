using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>
/// Makes folders for runs. Before the first one it removes those that Wombat left with the same data directory, when it was killed.
/// </summary>
internal sealed class RunFolders
{
    // Not the id alone: a copied data directory has the same.
    private readonly string owner;
    private readonly ILogger<RunFolders> log;
    private readonly Lazy<string> start;

    public RunFolders(HostIdentity here, WombatSettings settings, ILogger<RunFolders> log)
    {
        this.log = log;
        var text = $"{here.Id:N} {FolderProcesses.RealPath(settings.DataDirectory)}";
        owner = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
        start = new Lazy<string>(RemoveLeftovers);
    }

    /// <param name="name">The last part of its name, which tells what it is for.</param>
    /// <param name="account">Whose folder it is; null for Wombat's own account.</param>
    public RunFolder Create(string name, UnixUser? account) => new($"{start.Value}{name}", account);

    private string RemoveLeftovers()
    {
        var (folder, prefix) = (Path.GetTempPath(), $"wombat-{owner}-");
        foreach (var left in Directory.GetDirectories(folder, $"{prefix}*"))
        {
            try
            {
                Directory.Delete(left, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                log.LogWarning("The folder {Path} of an earlier run cannot be removed: {Error}", left, e.Message);
            }
        }

        return Path.Combine(folder, prefix);
    }
}
