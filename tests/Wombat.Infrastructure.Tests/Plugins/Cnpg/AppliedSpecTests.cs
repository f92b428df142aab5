using System.Text.Json.Nodes;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.Cnpg;

namespace Wombat.Infrastructure.Tests.Plugins.Cnpg;

public sealed class AppliedSpecTests
{
    [Test]
    public void Compare_WithQuantitiesInCanonicalForm_FindsNothing() => Assert.That(Compare("1", "1Gi", "2Gi"), Is.Empty);

    [Test]
    public void Compare_WithOtherQuantities_FindsThem() =>
        Assert.That(
            Compare("1500m", "1Gi", "3Gi"),
            Is.EquivalentTo(
                new[] { new ResourceDifference("cpu_millis", "1000", "1500"), new ResourceDifference("storage", "2048", "3072") }
            )
        );

    private static IEnumerable<ResourceDifference> Compare(string cpu, string memory, string size)
    {
        var cluster = new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject() },
            ["spec"] = Spec("1000m", "1024Mi", "2048Mi"),
        };
        AppliedSpec.AddTo(cluster);
        cluster["spec"] = Spec(cpu, memory, size);
        return AppliedSpec.Compare(KubernetesKind.Cluster, "orders", cluster);
    }

    private static JsonObject Spec(string cpu, string memory, string size) =>
        new()
        {
            ["storage"] = new JsonObject { ["size"] = size },
            ["resources"] = new JsonObject
            {
                ["limits"] = new JsonObject { ["cpu"] = cpu, ["memory"] = memory },
            },
        };
}
