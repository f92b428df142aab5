namespace Wombat.Api.Hosting;

/// <param name="Operands">As the usage line shows them.</param>
internal sealed record CommandUsage(string Name, string Operands, string Summary, string Details);
