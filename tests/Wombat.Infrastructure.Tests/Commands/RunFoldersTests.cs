using Microsoft.Extensions.Logging.Abstractions;
using Wombat.Domain.Resources;
using Wombat.Infrastructure.Commands;
using Wombat.Infrastructure.Configuration;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Commands;

public sealed class RunFoldersTests
{
    [Test]
    public void Folders_OfAKilledWombat_AreRemovedByTheNextWithItsDataDirectory()
    {
        using var data = new TestFolder();
        using var elsewhere = new TestFolder();
        var here = new HostIdentity(Guid.NewGuid(), "here");
        using var killed = FoldersOf(here, data).Create("git-1", null);
        using var alive = FoldersOf(here, elsewhere).Create("git-1", null);
        File.WriteAllText(Path.Combine(killed.Path, "file"), "");

        var next = FoldersOf(here, data);
        using var first = next.Create("git-2", null);
        using var second = next.Create("git-3", null);
        Assert.That(
            new[] { killed, alive, first, second }.Select(f => Directory.Exists(f.Path)),
            Is.EqualTo(new[] { false, true, true, true })
        );
    }

    private static RunFolders FoldersOf(HostIdentity here, TestFolder data)
    {
        var none = new Dictionary<string, string>(StringComparer.Ordinal);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["WOMBAT_DATA_DIR"] = data.Path,
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
        };
        return new RunFolders(here, WombatSettings.Read(environment, none), NullLogger<RunFolders>.Instance);
    }
}
