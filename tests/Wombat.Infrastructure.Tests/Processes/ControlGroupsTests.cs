using System.Diagnostics;
using Wombat.Infrastructure.Processes;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Processes;

public sealed class ControlGroupsTests
{
    [Test]
    public void Find_WithoutControlGroups_IsNull()
    {
        using var folder = new TestFolder();
        var membership = Path.Combine(folder.Path, "cgroup");
        File.WriteAllText(membership, "0::/\n");
        Assert.That(ControlGroups.Find(folder.Path, membership), Is.Null);
        Assert.That(ControlGroups.Find(folder.Path, Path.Combine(folder.Path, "missing")), Is.Null);
    }

    // This machine has version 1; the files of version 2 are ordinary ones here.
    [Test]
    public void TryLimit_WithVersion2_WritesTheLimitsBesideTheOwnGroup()
    {
        using var folder = new TestFolder();
        var membership = Path.Combine(folder.Path, "membership");
        File.WriteAllText(membership, "0::/system.slice/wombat.service\n");
        File.WriteAllText(Path.Combine(folder.Path, "cgroup.controllers"), "cpu memory");
        var group = Path.Combine(folder.Path, "system.slice", "wombat-groups", "orders");
        Directory.CreateDirectory(group);
        File.WriteAllText(Path.Combine(group, "cgroup.procs"), "41");

        var groups = ControlGroups.Find(folder.Path, membership)!;
        Assert.That(groups.TryLimit("orders", () => [41], 1024, 500), Is.True);

        Assert.That(File.ReadAllText(Path.Combine(group, "memory.max")), Is.EqualTo("1024"));
        Assert.That(File.ReadAllText(Path.Combine(group, "cpu.max")), Is.EqualTo("50000 100000"));
        foreach (var parent in new[] { Path.Combine(folder.Path, "system.slice"), Path.GetDirectoryName(group)! })
        {
            Assert.That(File.ReadAllText(Path.Combine(parent, "cgroup.subtree_control")), Is.EqualTo("+memory +cpu"));
        }
    }

    [Test]
    public async Task TryLimit_OnThisMachine_MovesTheProcessesAndRemoveDeletesTheGroup()
    {
        Assume.That(ControlGroups.Find(), Is.Not.Null, "this account may not create control groups");
        var (groups, name) = (ControlGroups.Find()!, $"test-{Guid.NewGuid():N}");
        using var process = Process.Start("sleep", "60");
        try
        {
            Assert.That(groups.TryLimit(name, () => [process.Id], 64 * 1024 * 1024, 250), Is.True);
            Assert.That(await File.ReadAllTextAsync($"/proc/{process.Id}/cgroup"), Does.Contain(name));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        groups.Remove(name);
        Assert.That(Directory.EnumerateDirectories("/sys/fs/cgroup", name, SearchOption.AllDirectories), Is.Empty);
    }
}
