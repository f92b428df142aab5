using System.ComponentModel.DataAnnotations;
using Wombat.Domain.Users;

namespace Wombat.Api.Endpoints;

/// <summary>A public key to add to a user.</summary>
internal sealed class AddSshKeyBody
{
    /// <summary>What the key is called; its comment when absent.</summary>
    /// <example>laptop</example>
    [StringLength(SshKey.NameMax, MinimumLength = 1)]
    public string? Name { get; init; }

    /// <summary>OpenSSH's one-line form: ed25519, ecdsa, rsa of at least 2048 bits, or their sk- kinds.</summary>
    /// <example>ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJX1IQyQ0GhHvS6a0pDr4bFvbZoVYPpG6W7yqn0mVbEr</example>
    [Required]
    public string? PublicKey { get; init; }
}
