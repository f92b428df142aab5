using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Forge;

/// <summary>A data folder with forge for each test, after which nothing of its containers is left.</summary>
public abstract class LxcForgeTestBase
{
    private TestFolder folder = null!;

    internal LxcForge Forge { get; private set; } = null!;

    protected virtual (string Name, string Value)[] Settings => [];

    [SetUp]
    public async Task PrepareFolder()
    {
        folder = new TestFolder();
        Forge = new LxcForge(Path.Combine(folder.Path, "data"), Settings);
        await Forge.RunAsync("list");
    }

    [TearDown]
    public async Task DestroyContainers()
    {
        await Lxc.DestroyAllAsync(Forge.Data);
        Assert.That(await Forge.DevicesAsync(), Is.Empty);
        folder.Dispose();
    }

    /// <summary>What lxc says about the container web.</summary>
    protected Task<string?> StateAsync() => Lxc.StateAsync(Forge.Data, "web");
}
