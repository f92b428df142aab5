using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.Proxmox;

namespace Wombat.Infrastructure.Tests.Plugins.Proxmox;

public sealed class CliAnswerTests
{
    [TestCase("""{"id":"7","status":"running","ip":"192.0.2.1"}""", "7", "Running", "192.0.2.1")]
    [TestCase("""{"vmid":101,"state":"stopped"}""", "101", "Stopped", null)]
    [TestCase("making it\nID: 321\n", "321", null, null)]
    [TestCase("ID: 321\nStatus: Running\nIP: 192.0.2.9", "321", "Running", "192.0.2.9")]
    public void Read_OfJsonOrLines_ReturnsTheAnswer(string output, string id, string? state, string? address)
    {
        var answer = CliAnswer.Read(output)!;
        Assert.That((answer.Id, answer.State?.ToString(), answer.IpAddress), Is.EqualTo((id, state, address)));
    }

    [TestCase("""{"id":"7","status":"running","node":"pve1"}""", "pve1")]
    [TestCase("""{"id":"7","status":"running","node":null}""", null)]
    [TestCase("""{"id":"7","status":"running","node":"<b>"}""", null)]
    public void ToObservation_OfAnAnswer_HasTheNodeAsAFact(string output, string? node)
    {
        var answer = CliAnswer.Read(output)!;
        Assert.That(answer.ToObservation(ObservedState.Running, answer.Id).Facts?.GetValueOrDefault("node"), Is.EqualTo(node));
    }

    [TestCase("""{"id":"7","sta""")]
    [TestCase("")]
    [TestCase("done.")]
    public void Read_OfAnythingElse_IsNull(string output) => Assert.That(CliAnswer.Read(output), Is.Null);
}
