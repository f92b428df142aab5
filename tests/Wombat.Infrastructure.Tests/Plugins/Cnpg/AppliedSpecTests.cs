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

    [Test]
    public void Expect_OfAnotherSpec_FindsAllThatDiffers()
    {
        var present = Cluster("2000m", "1024Mi", "2048Mi");
        present["spec"]!["backup"] = new JsonObject { ["retentionPolicy"] = "7d" };
        AppliedSpec.Expect(present, Cluster("1000m", "1024Mi", "2048Mi"));
        Assert.That(
            AppliedSpec.Compare(KubernetesKind.Cluster, "orders", present),
            Is.EquivalentTo(
                new[]
                {
                    new ResourceDifference("cpu_millis", "1000", "2000"),
                    new ResourceDifference("Cluster.spec.backup", null, """{"retentionPolicy":"7d"}"""),
                }
            )
        );
    }

    private static JsonObject Cluster(string cpu, string memory, string size)
    {
        var cluster = new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject() },
            ["spec"] = Spec(cpu, memory, size),
        };
        AppliedSpec.AddTo(cluster);
        return cluster;
    }

    private static IEnumerable<ResourceDifference> Compare(string cpu, string memory, string size)
    {
        var cluster = Cluster("1000m", "1024Mi", "2048Mi");
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
