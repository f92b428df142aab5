using Wombat.Application.Containers;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Application.Tests.Containers;

public sealed class SizeObjectionsTests
{
    private static readonly PluginTemplate Template = new("debian", "Debian", AcceptsSshKeys: true, ChangesSshKeys: true)
    {
        MinMemory = 64,
        MinDisk = 2,
        MaxCpu = 2,
        MaxMemory = 4096,
        FreeMemory = 1024,
        FreeDisk = 100,
    };

    [TestCase(64, 512, 8, "cpu", true, "must be at most 2: the machine has no more cores")]
    [TestCase(2, 8192, 8, "memory", true, "must be at most 4096 (MiB): the machine has no more")]
    [TestCase(2, 2048, 8, "memory", false, "only 1024 MiB of the machine are free now")]
    [TestCase(2, 32, 8, "memory", true, "must be at least 64 (MiB) for the template debian")]
    [TestCase(2, 512, 1, "disk", true, "must be at least 2 (GiB) for the template debian")]
    [TestCase(2, 512, 200, "disk", false, "only 100 GiB of the machine are free now")]
    public void Find_ForASizeOutOfBounds_NamesTheField(int cpu, int memory, int disk, string field, bool prevents, string message)
    {
        var found = SizeObjections.Find(new ContainerSpec("debian", cpu, memory, disk), Template).Single();
        Assert.That((found.Field, found.Prevents, found.Message), Is.EqualTo((field, prevents, message)));
    }

    [Test]
    public void Find_ForAnUnknownMachineOrNoSize_IsEmpty()
    {
        var unknown = new PluginTemplate("debian", "Debian", AcceptsSshKeys: true, ChangesSshKeys: true);
        Assert.That(SizeObjections.Find(new ContainerSpec("debian", 128, 1_000_000, 10_000), unknown), Is.Empty);
        Assert.That(SizeObjections.Find(new ContainerSpec("debian"), Template), Is.Empty);
        Assert.That(SizeObjections.Find(new ContainerSpec("debian", 2, 1024, 100), Template), Is.Empty);
    }
}
