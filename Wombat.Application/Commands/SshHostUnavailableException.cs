namespace Wombat.Application.Commands;

/// <summary>Nothing was executed on a host, because Wombat could not sign in there.</summary>
public sealed class SshHostUnavailableException(SshContact contact) : Exception(contact.Problem)
{
    public SshContact Contact { get; } = contact;
}
