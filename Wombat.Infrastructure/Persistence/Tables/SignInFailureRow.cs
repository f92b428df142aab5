using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Wombat.Infrastructure.Persistence.Tables;

/// <summary>Failed sign-ins of an account or address, by the hash of its name.</summary>
[Table("sign_in_failures")]
internal sealed class SignInFailureRow
{
    [Key]
    public required byte[] Subject { get; init; }

    public int Failures { get; init; }

    public DateTimeOffset WaitUntil { get; init; }

    public DateTimeOffset LastAt { get; init; }
}
