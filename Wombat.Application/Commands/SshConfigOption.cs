namespace Wombat.Application.Commands;

/// <summary>An option of an OpenSSH client configuration.</summary>
/// <param name="Keyword">As it is written there.</param>
/// <param name="Value">Its first argument.</param>
/// <param name="Line">Counted from 1.</param>
internal sealed record SshConfigOption(string Keyword, string Value, int Line);
