using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Commands;
using Wombat.Domain.Projects;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class CommandConfiguration : IEntityTypeConfiguration<Command>
{
    public void Configure(EntityTypeBuilder<Command> builder)
    {
        builder.ToTable("commands");
        builder.HasKey(c => c.Id).HasName("pk_commands");
        builder.Property(c => c.Id).ValueGeneratedNever();
        builder.Property(c => c.Name).HasMaxLength(Command.NameMax);
        builder.Property(c => c.Spec).HasJsonConversion().IsRequired();
        builder.Property(c => c.Version).IsConcurrencyToken();
        builder.HasIndex(c => new { c.ProjectId, c.Name }).IsUnique().AreNullsDistinct(false).HasDatabaseName("ux_commands_name");
        builder
            .HasOne<Project>()
            .WithMany()
            .HasForeignKey(c => c.ProjectId)
            .HasConstraintName("fk_commands_project")
            .OnDelete(DeleteBehavior.Restrict);
    }
}
