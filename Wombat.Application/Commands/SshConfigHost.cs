namespace Wombat.Application.Commands;

/// <summary>A host of an OpenSSH client configuration, with the options of all blocks that match it.</summary>
/// <param name="Line">Where its name occurs first.</param>
/// <param name="Options">The first of each keyword, as ssh takes them, in the order of the document.</param>
internal sealed record SshConfigHost(string Alias, int Line, IReadOnlyList<SshConfigOption> Options)
{
    public SshConfigOption? Find(string keyword) =>
        Options.FirstOrDefault(o => string.Equals(o.Keyword, keyword, StringComparison.OrdinalIgnoreCase));
}
